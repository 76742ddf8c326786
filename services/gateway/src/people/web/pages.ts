import { createHash } from "node:crypto";
import { SET_PASSWORD, SIGN_IN } from "./addresses.js";
import { Html, html } from "./html.js";

const STYLE = `:root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center}
main{box-sizing:border-box;width:100%;max-width:24rem;padding:1.5rem}
h1{font-size:1.5rem;margin:0 0 1rem}
label{display:block;margin:1rem 0 .375rem;font-weight:600}
input,button{box-sizing:border-box;width:100%;min-height:2.75rem;padding:.5rem .75rem;font:inherit;border-radius:.375rem}
input{border:1px solid light-dark(#6b7280,#9ca3af);background:light-dark(#fff,#1c1c1f);color:inherit}
button{margin-top:1.5rem;border:0;background:#1d4ed8;color:#fff;font-weight:600;cursor:pointer}
.other{display:block;padding:.625rem .75rem;border:1px solid;border-radius:.375rem;text-align:center}
:is(input,button,a):focus-visible{outline:3px solid light-dark(#1d4ed8,#93c5fd);outline-offset:2px}
.problem{margin:0;padding:.75rem;border-left:.25rem solid light-dark(#b91c1c,#f87171);background:light-dark(#fef2f2,#3b1213)}
.hint{margin:.25rem 0 0;color:light-dark(#4b5563,#c4c7cc)}`;

/** Nothing but the style above, and forms to this server. */
export const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const page = (title: string, body: Html): string =>
  html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - Polyreel</title>
<style>${new Html(STYLE)}</style>
<main>
<h1>${title}</h1>
${body}
</main>
</html>
`.text;

interface SignInPage {
  /** Path to go to afterwards. */
  readonly to: string;
  /** As it was typed. */
  readonly email?: string;
  readonly problem?: string | undefined;
  readonly note?: string;
  /** Where people can sign in instead. */
  readonly providers: readonly { readonly name: string; readonly label: string }[];
}

export const signInPage = ({ to, email = "", problem, note, providers }: SignInPage): string =>
  page(
    "Sign in",
    html`${problemOf(problem)}${note ? html`<p role="status">${note}</p>` : undefined}<form method="post" action="/session">
<input type="hidden" name="to" value="${to}">
<label for="email">Email address</label>
<input id="email" name="email" type="email" autocomplete="username" required autofocus value="${email}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button>
</form>
${new Html(providers.map(({ name, label }) => linkTo(`${SIGN_IN}/${name}?${new URLSearchParams({ to })}`, label)).join("\n"))}`,
  );

const linkTo = (address: string, label: string): string =>
  html`<p><a class="other" href="${address}">Sign in with ${label}</a></p>`.text;

export const signedInPage = (email: string, to: string): string =>
  page(
    "Signed in",
    html`<p>You are signed in as ${email}. <a href="${to}">Go on</a></p>
<form method="post" action="/sign-out">
<button>Sign out</button>
</form>`,
  );

/** `address`: where one signs out at the provider. */
export const signedOutPage = ({ label, address }: { readonly label: string; readonly address: string }): string =>
  page(
    "Signed out",
    html`<p>You are signed out here, but not at ${label}: whoever uses this browser can sign in again without a password.</p>
<p><a class="other" href="${address}">Sign out at ${label}, too</a></p>
<p><a href="${SIGN_IN}">Sign in</a></p>`,
  );

export const setPasswordPage = (token: string, problem?: string): string =>
  page(
    "Set your password",
    html`${problemOf(problem)}<form method="post" action="${SET_PASSWORD}">
<input type="hidden" name="token" value="${token}">
<label for="password">New password</label>
<input id="password" name="password" type="password" autocomplete="new-password" required minlength="12" aria-describedby="rules" autofocus>
<p class="hint" id="rules">12 to 128 characters of any kind, such as several words.</p>
<button>Set password</button>
</form>
<p><a href="${SIGN_IN}">Sign in</a></p>`,
  );

const problemOf = (problem: string | undefined): Html | undefined =>
  problem ? html`<p class="problem" role="alert">${problem}</p>` : undefined;
