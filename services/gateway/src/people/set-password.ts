import type { User } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import type { Principal } from "../call/call.js";
import type { Attempts } from "./attempts.js";
import { isTokenOf, type KeptUsers } from "./kept-users.js";
import { parsePasswordToken } from "./one-time-token.js";
import { parseNewPassword } from "./password-rules.js";
import type { Passwords } from "./passwords.js";

export interface SetPasswordDeps {
  readonly users: KeptUsers;
  readonly passwords: Passwords;
  readonly attempts: Attempts;
}

/** Throws PolyreelError `denied` for a wrong, used or expired token, `invalid` for a password against the rules. */
export async function setPasswordByToken(
  { users, passwords }: SetPasswordDeps,
  token: string,
  newPassword: string,
): Promise<User> {
  const user = await users.ofToken(token);
  const { secret } = parsePasswordToken(token) ?? {};
  if (!user || !secret) throw wrongPasswordToken();
  const hash = await passwords.hash(parseNewPassword(newPassword, user.email));
  // Once: of two uses at the same time, the other one finds it used.
  const changed = await users.setPassword(user.id, hash, (record) => isTokenOf(record, secret));
  if (!changed?.user) throw wrongPasswordToken();
  return changed.user;
}

/** Of a person who signed in here. Throws PolyreelError like signing in, and like `setPasswordByToken`. */
export async function setOwnPassword(
  { users, passwords, attempts }: SetPasswordDeps,
  principal: Principal,
  { current, newPassword, address }: { current: string; newPassword: string; address: string },
): Promise<User> {
  const record = principal.kind === "user" ? await users.get(principal.user.id) : undefined;
  if (!record?.user || !record.passwordHash) throw noOwnPassword();
  const { id, email } = record.user;
  const password = parseNewPassword(newPassword, email);
  const attempt = attempts.begin(id, address);
  if (!(await passwords.verify(record.passwordHash, current))) throw wrongCurrent();
  attempt.succeeded();
  const hash = await passwords.hash(password);
  const changed = await users.setPassword(id, hash, ({ passwordHash }) => passwordHash === record.passwordHash);
  if (!changed?.user) throw wrongCurrent();
  return changed.user;
}

const wrongPasswordToken = (): PolyreelError =>
  new PolyreelError("denied", {
    field: "password_token",
    reason: "The token is wrong, was used already, or has expired.",
    remedy: "Ask an administrator of your tenant for another one: polyreel users reset-password.",
  });

const wrongCurrent = (): PolyreelError =>
  new PolyreelError("denied", {
    field: "current_password",
    reason: "The current password is wrong.",
    remedy: "Try again, or ask an administrator of your tenant to reset it.",
  });

const noOwnPassword = (): PolyreelError =>
  new PolyreelError("precondition", {
    reason: "The caller is no person with a password here.",
    remedy: "Sign in by email and password first.",
  });
