/** What is around every page of somebody who is signed in: header, navigation, the place of the page itself. */
import { ActionIcon, Button, NativeSelect } from "@mantine/core";
import { IconMenu2, IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { Link, NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { useToasts } from "@/components/Toasts";
import { AccountMenu } from "./AccountMenu";
import { useOpenKeyboard } from "./keyboard/Keyboard";
import { paletteKeys } from "./keyboard/Keys";
import { useLiveState } from "./live_updates";
import { navigation } from "./navigation";
import styles from "./Shell.module.css";
import { useSession } from "./session";

export function Shell() {
  const { me, may, chooseTenant } = useSession();
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const toasts = useToasts();
  const openKeyboard = useOpenKeyboard();
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);

  // A new page begins at its top, for eyes and screen readers alike.
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    setOpen(false);
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);

  /** A pipeline of the former tenant is none of the new one's: one goes back to the list. */
  async function changeTenant(id: string) {
    try {
      await chooseTenant(id);
      if (/^\/(pipelines|create)\//.test(pathname)) navigate("/pipelines");
    } catch (fault) {
      toasts.failed(fault);
    }
  }

  const groups = navigation
    .map((group) => ({ ...group, items: group.items.filter((item) => item.permissions.some(may)) }))
    .filter((group) => group.items.length > 0);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        Skip to the page's content
      </a>
      <header className={styles.header}>
        <ActionIcon
          className={styles.burger}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={open ? "Close the menu" : "Open the menu"}
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          <IconMenu2 size={20} aria-hidden />
        </ActionIcon>
        <Link to="/pipelines" className={styles.brand}>
          <img src="/icon.svg" width={24} height={24} alt="" />
          Millrace
        </Link>
        <span className={styles.space} />
        {me.tenants.length > 1 ? (
          <NativeSelect
            className={styles.tenant}
            size="xs"
            aria-label="Tenant"
            value={me.tenant?.id ?? ""}
            data={me.tenants.map((tenant) => ({ value: tenant.id, label: tenant.name }))}
            onChange={(event) => void changeTenant(event.currentTarget.value)}
          />
        ) : null}
        <Button
          variant="default"
          size="xs"
          leftSection={<IconSearch size={16} aria-hidden />}
          aria-label="Find a page, a pipeline or an action"
          aria-keyshortcuts="Control+K"
          onClick={() => openKeyboard("palette")}
        >
          <span className={styles.findWord} data-keys={paletteKeys()}>
            Find
          </span>
        </Button>
        <AccountMenu />
      </header>
      <nav id="navigation" className={styles.nav} data-open={open} aria-label="Main">
        {groups.map((group) => (
          <div key={group.title}>
            <p className={styles.group} id={`group-${group.title}`}>
              {group.title}
            </p>
            <ul className={styles.links} aria-labelledby={`group-${group.title}`}>
              {group.items.map(({ path, title, icon: Icon }) => (
                <li key={path}>
                  <NavLink to={path} className={styles.link}>
                    <Icon size={18} aria-hidden />
                    {title}
                  </NavLink>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <main id="main" ref={main} tabIndex={-1} className={styles.main}>
        <Stale />
        <Outlet />
      </main>
    </div>
  );
}

/** Says when what is shown no longer follows the server. */
function Stale() {
  const state = useLiveState();
  const [long, setLong] = useState(false);
  const away = state === "waiting" || state === "connecting";

  useEffect(() => {
    if (!away) {
      setLong(false);
      return;
    }
    const timer = setTimeout(() => setLong(true), 4000);
    return () => clearTimeout(timer);
  }, [away]);

  return (
    <div role="status">
      {long && away ? (
        <p className={styles.stale}>Not connected to the server: what you see may be old. Trying again…</p>
      ) : null}
    </div>
  );
}
