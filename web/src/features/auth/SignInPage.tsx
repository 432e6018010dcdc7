import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { answer, api, setCsrfToken } from "@/api/client";
import { keys } from "@/api/keys";
import { asProblem, type Problem } from "@/api/problem";
import { fetchMe } from "@/app/session";
import { ProblemPanel } from "@/components/ProblemPanel";
import { useTitle } from "@/components/useTitle";
import { keepWanted, refusalOf, signInFault, startAddress, useOidc, wantedPage } from "./oidc";
import styles from "./SignInPage.module.css";

/** The page that was asked for stays in the address and is shown as soon as somebody has signed in. */
export function SignInPage() {
  useTitle("Sign in");
  const client = useQueryClient();
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const navigate = useNavigate();
  const place = useLocation();
  const { search } = place;
  const wanted = wantedPage(place);
  const [fault, setFault] = useState<Problem | null>(() => signInFault(search) ?? signInFault(refusalOf(place.state)));
  const oidc = useOidc();
  const [busy, setBusy] = useState(false);

  // Before anybody signs in: the first page would lead on to the pipelines at once. A reload still knows the reason.
  useEffect(() => {
    if (new URLSearchParams(search).has("signInError"))
      void navigate(wanted, { replace: true, state: { refusal: search } });
  }, [navigate, search, wanted]);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setFault(null);
    try {
      const signedIn = await answer(api.POST("/api/v1/auth/login", { body: { user, password } }));
      setCsrfToken(signedIn.csrfToken);
      if (place.state) await navigate(wanted, { replace: true, state: null });
      client.setQueryData(keys.me, await fetchMe());
    } catch (thrown) {
      setFault(asProblem(thrown));
      setPassword("");
      setBusy(false);
    }
  }

  return (
    <main className={styles.page}>
      <form className={styles.box} onSubmit={submit} aria-labelledby="sign-in">
        <div className={styles.brand}>
          <img src="/icon.svg" width={32} height={32} alt="" />
          <h1 id="sign-in">Sign in to Millrace</h1>
        </div>
        {fault ? <ProblemPanel problem={fault} /> : null}
        <TextInput
          label="User name"
          name="username"
          autoComplete="username"
          autoFocus
          required
          withAsterisk={false}
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy}>
          Sign in
        </Button>
        {oidc.data?.configured ? (
          <Button
            component="a"
            variant="default"
            href={startAddress(oidc.data.startUrl, wanted)}
            onClick={() => keepWanted(wanted)}
          >
            Sign in with {oidc.data.displayName}
          </Button>
        ) : null}
      </form>
    </main>
  );
}
