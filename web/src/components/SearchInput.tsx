import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import layout from "@/styles/layout.module.css";

interface Props {
  label: string;
  placeholder: string;
  value: string;
  onChange: (value: string) => void;
}

export function SearchInput({ label, placeholder, value, onChange }: Props) {
  return (
    <TextInput
      className={layout.grow}
      type="search"
      aria-label={label}
      placeholder={placeholder}
      leftSection={<IconSearch size={16} aria-hidden />}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
