// Sign in: with a token, or through the company's own sign-on. The token becomes a cookie that scripts cannot read.

import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal, signIn, whoAmI } from "../api";
import { span } from "../format";
import { Mark } from "../parts/icon";
import { go, useAddress } from "../route";

// within is a page of ours to go to, whatever the address says.
const within = (page: string | null) => (page && /^\/(?![/\\])/.test(page) && !page.startsWith("/sign-in") ? page : "/");

export default function SignIn() {
  const { query } = useAddress();
  const next = within(query.get("to"));
  const token = useRef<HTMLInputElement>(null);
  const [error, setError] = useState(query.get("error") ?? "");
  const [sso, setSSO] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = "Sign in · Headgate";
    whoAmI().then(() => go(next, true), (refusal) => setSSO(refusal instanceof Refusal ? (refusal.said.oidc ?? "") : ""));
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(token.current!.value.trim());
      go(next, true);
    } catch (refusal) {
      setError(words(refusal));
      token.current?.select();
    } finally {
      setBusy(false);
    }
  };
  return (
    <main id="main">
      <p class="brand"><Mark />Headgate</p>
      <h1>Sign in</h1>
      <p class="soft">{location.host}</p>
      <form class="sign-form" onSubmit={submit}>
        {sso && (
          <>
            <a class="btn primary" href={`/api/sign-in/oidc?to=${encodeURIComponent(next)}`}>Continue with {sso}</a>
            <p class="or"><span>or</span></p>
          </>
        )}
        <label class="field">
          <span>Token</span>
          <input class={`input ${error ? "wrong" : ""}`} ref={token} type="password" name="token" autocomplete="current-password" required aria-invalid={!!error} aria-describedby="token-hint" />
          <span class={`hint ${error ? "wrong" : ""}`} id="token-hint" role={error ? "alert" : undefined}>
            {error || <>It is <code>admin: token:</code> of the configuration, or the file <code>admin-token</code> of the data folder.</>}
          </span>
        </label>
        <button class={`btn ${sso ? "" : "primary"}`} disabled={busy}>Open</button>
      </form>
      <p class="small faint">The token is exchanged for a cookie that scripts cannot read. Every change and every view of a person is recorded.</p>
    </main>
  );
}

function words(refusal: unknown): string {
  if (!(refusal instanceof Refusal)) return "Headgate does not answer.";
  if (refusal.status === 429) return `Too many attempts; the next one is possible in ${span(refusal.said.retry_after ?? 60)}.`;
  if (refusal.status === 401) return "This token is not known here. It is admin: token: of the configuration, or the file admin-token of the data folder.";
  return refusal.message;
}
