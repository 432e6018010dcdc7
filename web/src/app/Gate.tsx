/** Decides between the sign-in page and everything else. */
import { useEffect, useState } from "react";
import { ProblemPanel } from "@/components/ProblemPanel";
import { SignInPage } from "@/features/auth/SignInPage";
import { Keyboard } from "./keyboard/Keyboard";
import { LiveUpdates } from "./live_updates";
import { Shell } from "./Shell";
import { SessionProvider, useMe } from "./session";

const kPatienceMs = 300;

export function Gate() {
  const me = useMe();
  if (me.isPending) return <Waiting />;
  if (me.isError && !me.data) {
    return (
      <main style={{ maxWidth: "36rem", margin: "4rem auto", padding: "1rem" }}>
        <h1 className="visually-hidden">Millrace</h1>
        <ProblemPanel problem={me.error} retry={() => void me.refetch()} />
      </main>
    );
  }
  if (!me.data) return <SignInPage />;
  return (
    <SessionProvider me={me.data}>
      <LiveUpdates>
        <Keyboard>
          <Shell />
        </Keyboard>
      </LiveUpdates>
    </SessionProvider>
  );
}

/** Nothing at first: an answer comes at once nearly always, and words that flash by are worse than none. */
function Waiting() {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), kPatienceMs);
    return () => clearTimeout(timer);
  }, []);
  return <main aria-busy>{long ? <p style={{ padding: "4rem", textAlign: "center" }}>Loading…</p> : null}</main>;
}
