import { NavLink } from "react-router";
import styles from "./Tabs.module.css";

export interface Tab {
  to: string;
  title: string;
}

/** Parts of a page that have an address each: links, so that the browser's own ways work. */
export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <nav aria-label={label}>
      <ul className={styles.tabs}>
        {tabs.map(({ to, title }) => (
          <li key={to}>
            <NavLink to={to} end={to === "."} className={styles.tab}>
              {title}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
