import { Code, ConnectError } from "@connectrpc/connect";
import { Role } from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Caller, type PeopleGateway, runPeopleGateway } from "./testing/people-gateway.js";

let people: PeopleGateway;
/** A signed-in person of each role; those below operators in the tenant acme. */
let callers: Record<RoleName, Caller>;
const ROLES = { viewer: Role.VIEWER, editor: Role.EDITOR, admin: Role.ADMIN, operator: Role.OPERATOR };
type RoleName = keyof typeof ROLES;
const names = Object.keys(ROLES) as RoleName[];

beforeAll(async () => {
  people = await runPeopleGateway();
  const made = names.map(async (name) => {
    const email = `${name}@studio.example`;
    const { password } = await people.person(email, ROLES[name]);
    const { tokens } = await people.as().sessions.signIn({ email, password });
    return [name, people.as(tokens?.accessToken)] as const;
  });
  callers = Object.fromEntries(await Promise.all(made)) as Record<RoleName, Caller>;
});
afterAll(() => people.gateway.close());

const codeOf = (call: Promise<unknown>): Promise<Code | "ok"> =>
  call.then(
    () => "ok" as const,
    (error: unknown) => ConnectError.from(error).code,
  );
const matrix = names.flatMap((caller) => names.map((given) => ({ caller, given })));
const mayGive = (caller: RoleName, given: RoleName) =>
  caller === "operator" || (caller === "admin" && given !== "operator");

describe("users", () => {
  it.each(matrix)("are created by $caller with the role $given, or not", async ({ caller, given }) => {
    const created = callers[caller].users.createUser({
      email: `${given}-by-${caller}@studio.example`,
      role: ROLES[given],
    });
    expect(await codeOf(created)).toBe(mayGive(caller, given) ? "ok" : Code.PermissionDenied);
  });

  it.each(matrix)("with the role $given are disabled and removed by $caller, or not", async ({ caller, given }) => {
    const user = `target-${given}-${caller}@studio.example`;
    const tenant = given === "operator" ? "" : "acme";
    await people.as(people.operator).users.createUser({ email: user, role: ROLES[given], tenant });
    // Operators belong to no tenant: for others, they do not exist.
    const refused = caller === "admin" ? Code.NotFound : Code.PermissionDenied;
    const expected = mayGive(caller, given) ? "ok" : refused;
    const { users } = callers[caller];
    expect(await codeOf(users.updateUser({ user, active: false }))).toBe(expected);
    expect(await codeOf(users.resetPassword({ user }))).toBe(expected);
    expect(await codeOf(users.removeUser({ user }))).toBe(expected);
  });

  it("of other tenants do not exist for an administrator", async () => {
    const user = "other@globex.example";
    await people.person(user, Role.VIEWER, "globex");
    const { users } = callers.admin;
    expect((await users.listUsers({})).users.map(({ tenant }) => tenant)).not.toContain("globex");
    expect(await codeOf(users.listUsers({ tenant: "globex" }))).toBe(Code.PermissionDenied);
    const calls = [
      users.updateUser({ user, active: false }),
      users.removeUser({ user }),
      users.resetPassword({ user }),
    ];
    expect(await Promise.all(calls.map(codeOf))).toEqual(calls.map(() => Code.NotFound));
    expect(await codeOf(users.createUser({ email: "x@globex.example", role: Role.VIEWER, tenant: "globex" }))).toBe(
      Code.PermissionDenied,
    );
  });

  it("are raised by nobody above themselves, and never between tenants and operators", async () => {
    const { users } = callers.admin;
    expect(await codeOf(users.updateUser({ user: "editor@studio.example", role: Role.OPERATOR }))).toBe(
      Code.PermissionDenied,
    );
    expect(
      await codeOf(callers.operator.users.updateUser({ user: "editor@studio.example", role: Role.OPERATOR })),
    ).toBe(Code.FailedPrecondition);
    expect(await codeOf(callers.operator.users.updateUser({ user: "operator@studio.example", role: Role.ADMIN }))).toBe(
      Code.FailedPrecondition,
    );
  });

  it("have addresses of their own, however many create them at the same time", async () => {
    const create = (email: string) => codeOf(callers.admin.users.createUser({ email, role: Role.VIEWER }));
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, i) => create(i % 2 ? "Same@Studio.example" : "same@studio.example ")),
    );
    expect(all.sort()).toEqual(
      [Code.AlreadyExists, Code.AlreadyExists, Code.AlreadyExists, Code.AlreadyExists, Code.AlreadyExists, "ok"].sort(),
    );
  });

  it("set a password once by a token, which another one ends", async () => {
    const email = "invited@studio.example";
    const { passwordToken: first } = await callers.admin.users.createUser({ email, role: Role.VIEWER });
    const { passwordToken: second } = await callers.admin.users.resetPassword({ user: email });
    const set = (value: string) =>
      codeOf(
        people.as().users.setPassword({ by: { case: "passwordToken", value }, newPassword: "several words of mine" }),
      );
    expect(await set(first)).toBe(Code.PermissionDenied);
    const both = await Promise.all([set(second), set(second)]);
    expect(both.sort()).toEqual([Code.PermissionDenied, "ok"].sort());
    expect([await set(second), await set("set_x"), await set("")]).toEqual(Array(3).fill(Code.PermissionDenied));
  });

  it("are in the store without passwords and tokens", async () => {
    const { password } = await people.person("secretive@studio.example", Role.VIEWER);
    const { tokens } = await people.as().sessions.signIn({ email: "secretive@studio.example", password });
    const { refreshToken = "", accessToken = "" } = tokens ?? {};
    const secrets = [password, refreshToken.slice(-87, -44), refreshToken.slice(-43), accessToken];
    for (const prefix of ["users/", "user-sessions/"]) {
      for await (const { key } of people.gateway.platform.store.list(prefix)) {
        const chunks: Uint8Array[] = [];
        for await (const chunk of people.gateway.platform.store.read(key)) chunks.push(chunk);
        const text = Buffer.concat(chunks).toString("latin1");
        expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
      }
    }
  });
});

describe("wrong sign-ins", () => {
  it("get one answer, after the same time", async () => {
    await people.person("present@studio.example", Role.VIEWER);
    await callers.admin.users.createUser({ email: "passwordless@studio.example", role: Role.VIEWER });
    await people.person("disabled@studio.example", Role.VIEWER);
    await callers.admin.users.updateUser({ user: "disabled@studio.example", active: false });
    const times = new Map<string, number[]>();
    const answers = new Set<string>();
    for (let i = 0; i < 3; i++) {
      for (const name of ["present", "absent", "passwordless", "disabled"]) {
        const began = performance.now();
        const email = `${name}@studio.example`;
        const error = await people.as().sessions.signIn({ email, password: "wrong" }).catch(ConnectError.from);
        answers.add(error instanceof ConnectError ? `${error.code} ${error.rawMessage}` : "ok");
        times.set(name, [...(times.get(name) ?? []), performance.now() - began]);
      }
    }
    expect(answers.size).toBe(1);
    const best = [...times.values()].map((all) => Math.min(...all));
    expect(Math.max(...best) / Math.min(...best)).toBeLessThan(1.25);
  });

  it("in a flood are refused with the time to wait", async () => {
    const guess = (i: number) =>
      people
        .as()
        .sessions.signIn({ email: `victim${i % 7}@studio.example`, password: `guess ${i}` })
        .catch(ConnectError.from);
    const flood = Promise.all(Array.from({ length: 150 }, (_, i) => guess(i)));
    const codes = (await flood).map((error) => (error instanceof ConnectError ? error.code : "ok"));
    expect(new Set(codes)).toEqual(new Set([Code.Unauthenticated, Code.ResourceExhausted]));
    expect(codes.filter((code) => code === Code.Unauthenticated).length).toBeLessThanOrEqual(50);
    const error = await guess(0);
    expect(error instanceof ConnectError && error.rawMessage).toMatch(/Try again in \d+ s/);
  });
});
