import { Code } from "@connectrpc/connect";
import { Role } from "@polyreel/contract";
import { expect } from "vitest";
import { acme, denied, globex, NEVER, operator, refusal } from "./two-tenants.js";

export const peopleCases: Record<string, () => Promise<void>> = {
  "polyreel.v1.UserService/CreateUser": async () => {
    expect((await acme.users.createUser({ email: "a@x.example", role: Role.VIEWER })).user?.tenant).toBe("acme");
    await denied(() => acme.users.createUser({ email: "b@x.example", role: Role.VIEWER, tenant: "globex" }));
  },
  "polyreel.v1.UserService/ListUsers": async () => {
    await globex.users.createUser({ email: "list@x.example", role: Role.VIEWER });
    const listed = async ({ users }: typeof acme) => (await users.listUsers({})).users.map(({ email }) => email);
    expect([await listed(acme), await listed(operator)]).toEqual([
      expect.not.arrayContaining(["list@x.example"]),
      expect.arrayContaining(["list@x.example"]),
    ]);
    await denied(() => acme.users.listUsers({ tenant: "globex" }));
  },
  "polyreel.v1.UserService/UpdateUser": () => missesUser((user) => acme.users.updateUser({ user, active: false })),
  "polyreel.v1.UserService/RemoveUser": () => missesUser((user) => acme.users.removeUser({ user })),
  "polyreel.v1.UserService/ResetPassword": () => missesUser((user) => acme.users.resetPassword({ user })),
  "polyreel.v1.UserService/SetPassword": async () => {
    const by = { case: "currentPassword", value: "x" } as const;
    const { code } = await refusal(() => acme.users.setPassword({ by, newPassword: "several words of mine" }));
    expect(code).toBe(Code.FailedPrecondition);
  },
  // Nobody signs in at a gateway that does not ask who is calling: sessions.test.ts of the gateway has the others.
  "polyreel.v1.SessionService/SignIn": () => hasNoSessions(() => acme.sessions.signIn({ email: "a@x.example" })),
  "polyreel.v1.SessionService/RefreshSession": async () => {
    expect((await refusal(() => acme.sessions.refreshSession({ refreshToken: NEVER }))).code).toBe(
      Code.Unauthenticated,
    );
  },
  "polyreel.v1.SessionService/SignOut": () => hasNoSessions(() => acme.sessions.signOut({})),
  "polyreel.v1.SessionService/ListSessions": async () => {
    expect((await acme.sessions.listSessions({})).sessions).toEqual([]);
  },
  "polyreel.v1.SessionService/RevokeSession": async () => {
    expect((await refusal(() => acme.sessions.revokeSession({ id: NEVER }))).code).toBe(Code.NotFound);
  },
  "polyreel.v1.SessionService/RotateSigningKey": async () => {
    await denied(() => acme.sessions.rotateSigningKey({}));
    expect((await operator.sessions.rotateSigningKey({})).keyId).toMatch(/^\d+-/);
  },
};

/** To acme, a user of globex is as one who never existed. */
async function missesUser(call: (user: string) => Promise<unknown>): Promise<void> {
  const email = `${crypto.randomUUID()}@x.example`;
  await globex.users.createUser({ email, role: Role.VIEWER });
  const never = await refusal(() => call("never@x.example"));
  const { code, message } = await refusal(() => call(email));
  expect({ code, message: message.replaceAll(email, "never@x.example") }).toEqual(never);
}

const hasNoSessions = async (call: () => Promise<unknown>): Promise<void> =>
  expect((await refusal(call)).code).toBe(Code.FailedPrecondition);
