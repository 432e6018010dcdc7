import { useEffect } from "react";

/** The document's title, so that tabs and screen readers name the page. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Millrace`;
  }, [title]);
}
