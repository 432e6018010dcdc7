import type { ReactNode } from "react";
import layout from "@/styles/layout.module.css";
import { useTitle } from "./useTitle";

interface Props {
  title: string;
  /** Shown in the tab instead of the title. */
  documentTitle?: string;
  children?: ReactNode;
  actions?: ReactNode;
}

/** The page's one h1, a line under it, and what can be done here. */
export function PageHeader({ title, documentTitle, children, actions }: Props) {
  useTitle(documentTitle ?? title);
  return (
    <div className={layout.spread}>
      <div className={layout.grow}>
        <h1 className={layout.wrap}>{title}</h1>
        {children ? <p className={layout.muted}>{children}</p> : null}
      </div>
      {actions ? <div className={layout.row}>{actions}</div> : null}
    </div>
  );
}
