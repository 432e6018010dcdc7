import { Button } from "@mantine/core";

interface Props {
  more: boolean;
  busy: boolean;
  load: () => void;
  children: string;
}

/** Takes the next page of a long list. */
export function MoreButton({ more, busy, load, children }: Props) {
  if (!more) return null;
  return (
    <div>
      <Button variant="default" loading={busy} onClick={load}>
        {children}
      </Button>
    </div>
  );
}
