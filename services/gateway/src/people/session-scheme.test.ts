import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { Role, UserSchema } from "@polyreel/contract";
import { openFolderStore, type Store } from "@polyreel/platform/blobs";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Principal } from "../call/call.js";
import { openPeople, type People } from "./open-people.js";
import { personOf } from "./people.js";

let folder: string;
let store: Store;
let here: People;
/** The same store in another gateway. */
let elsewhere: People;
const id = "7".repeat(24);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-people-"));
  store = await openFolderStore(folder);
  [here, elsewhere] = [openPeople(store), openPeople(store)];
  const user = { id, email: "jane@studio.example", role: Role.EDITOR, tenant: "acme", active: true };
  await here.users.add(create(UserSchema, user), 1000);
  await here.users.setPassword(id, "a hash", () => true);
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

async function signedIn(): Promise<{ principal: Principal; token: string; sessionId: string }> {
  const person = personOf(await here.users.get(id));
  if (!person) throw new Error("nobody");
  const { session } = await here.sessions.begin(person, { page: false, client: "" });
  const { token } = await here.tokens.sign(session);
  const principal = await here.scheme.identify(token);
  if (!principal) throw new Error("not identified");
  return { principal, token, sessionId: session.id };
}

it.each<[string, (sessionId: string) => Promise<unknown>]>([
  ["a revoked session", (sessionId) => elsewhere.sessions.end(sessionId)],
  ["a disabled user", () => elsewhere.users.update(id, (user) => ({ ...user, active: false }))],
  ["a changed role", () => elsewhere.users.update(id, (user) => ({ ...user, role: Role.VIEWER }))],
  ["a removed user", () => elsewhere.users.remove(id)],
  ["a reset password", () => elsewhere.users.resetPassword(id, 1000)],
])("learns of %s at another gateway within half a minute, in what is open too", async (_, change) => {
  const { principal, sessionId } = await signedIn();
  expect(await here.scheme.stillHolds(principal)).toBe(true);
  await change(sessionId);
  const now = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => now + 31_000);
  expect(await here.scheme.stillHolds(principal)).toBe(false);
  vi.restoreAllMocks();
});

it("accepts sessions of a provider's people as long as it is configured", async () => {
  const provider = "https://login.example";
  const person = { id: "company:ada", email: "ada", role: Role.EDITOR, tenant: "acme", provider, generation: 0n };
  const { token } = await here.sessions.begin(person, { page: true, client: "" });
  const configured = openPeople(store, [provider]);
  const principal = await configured.scheme.identifyPage(token);
  expect(principal).toMatchObject({ kind: "user", user: { id: "company:ada" } });
  expect(await here.scheme.identifyPage(token)).toBeUndefined();
  if (principal) expect(await here.scheme.stillHolds(principal)).toBe(false);
});

it("ends what is open when its token expires", async () => {
  const { principal } = await signedIn();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 25 * 3600_000 });
  expect(await here.scheme.stillHolds(principal)).toBe(false);
});

it("leaves tokens of others, and callers of other schemes, to them", async () => {
  const other = `${Buffer.from("{}").toString("base64url")}.${Buffer.from('{"iss":"https://idp.example"}').toString("base64url")}.x`;
  expect([await here.scheme.identify(other), await here.scheme.identify("pr_x")]).toEqual([undefined, undefined]);
  expect(await here.scheme.stillHolds({ kind: "anyone" })).toBe(true);
});

it("lets one of two gateways change a record, and the other one begin again", async () => {
  const named = Array.from({ length: 6 }, (_, i) =>
    (i % 2 ? here : elsewhere).users.update(id, (user) => ({ ...user, name: `${user.name}${i}` })),
  );
  await Promise.all(named);
  expect([...((await here.users.get(id))?.user?.name ?? "")].sort()).toEqual([..."012345"]);
});
