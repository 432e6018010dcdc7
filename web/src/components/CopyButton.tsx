import { Button } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";

const kShownMs = 2000;

interface Props {
  text: string;
  /** What is copied, for screen readers: "Copy the grant script". */
  what: string;
  label?: string;
}

export function CopyButton({ text, what, label = "Copy" }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), kShownMs);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      variant="default"
      size="compact-xs"
      leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      aria-label={copied ? "Copied" : `${label} ${what}`}
      onClick={() => void copyText(text).then(setCopied)}
    >
      {copied ? "Copied" : label}
    </Button>
  );
}

/** Also where the page came over plain HTTP, where browsers hold the clipboard back. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
