import { toJson } from "@bufbuild/protobuf";
import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { Role, type User, UserSchema } from "@polyreel/contract";
import { call } from "../client/call.js";
import { type Connection, connectTo } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import { ask, canAsk, inputLines } from "../login/ask.js";
import { ProblemsError } from "../problem.js";
import { alignColumns } from "../terminal/columns.js";
import type { Terminal } from "../terminal/terminal.js";

export interface UsersFlags {
  readonly server: string;
  readonly role?: string;
  readonly tenant?: string;
  readonly name?: string;
  readonly disable?: boolean;
  readonly enable?: boolean;
  readonly json?: boolean;
}

type Action = (connection: Connection, who: string, flags: UsersFlags, terminal: Terminal) => Promise<void>;

/** `polyreel users ...`. Returns the exit code. */
export async function users(action: string, who: string, flags: UsersFlags, terminal: Terminal): Promise<number> {
  const run = ACTIONS[action];
  if (!run) throw usage(`There is no action ${JSON.stringify(action)}.`, "polyreel users --help lists them.");
  if (who === "" && action !== "list" && action !== "set-password")
    throw usage("Which user?", `Name an email address: polyreel users ${action} jane@studio.example`);
  const connection = connectTo(flags.server);
  try {
    await run(connection, who, flags, terminal);
    return exitCodes.delivered;
  } finally {
    connection.close();
  }
}

const create: Action = async (connection, email, { role = "editor", tenant = "", name = "", json }, terminal) => {
  const request = { email, name, tenant, role: roles[role] ?? Role.UNSPECIFIED };
  const { user, passwordToken, expiresAt } = await call(connection, connection.users.createUser(request));
  if (!user) return;
  await printToken(connection, user, { what: "is created", passwordToken, expiresAt, json }, terminal);
};

const list: Action = async (connection, _, { tenant = "", json }, terminal) => {
  const { users: listed } = await call(connection, connection.users.listUsers({ tenant }));
  if (json) {
    for (const user of listed) await terminal.print(`${JSON.stringify(plain(user))}\n`);
  } else if (listed.length === 0) {
    terminal.note("There are no users.\n");
  } else {
    const rows = listed.map((user) => [user.email, user.name, roleName(user), user.tenant || "all", stateOf(user)]);
    await terminal.print(`${alignColumns([["EMAIL", "NAME", "ROLE", "TENANT", "STATE"], ...rows]).join("\n")}\n`);
  }
};

const update: Action = async (connection, named, { role, name, disable, enable, json }, terminal) => {
  if (disable && enable) throw usage("--disable and --enable exclude each other.", "Choose one.");
  const changes = {
    ...(role !== undefined && { role: roles[role] ?? Role.UNSPECIFIED }),
    ...(name !== undefined && { name }),
    ...((disable || enable) && { active: Boolean(enable) }),
  };
  if (Object.keys(changes).length === 0)
    throw usage("Nothing is to be changed.", "Add --role, --name, --disable or --enable.");
  const { user } = await call(connection, connection.users.updateUser({ user: named, ...changes }));
  if (user) await print(user, "is changed: it holds within a minute", json, terminal);
};

const remove: Action = async (connection, named, { json }, terminal) => {
  const { user } = await call(connection, connection.users.removeUser({ user: named }));
  if (user) await print(user, "is removed: their sessions end within a minute", json, terminal);
};

const resetPassword: Action = async (connection, named, { json }, terminal) => {
  const { user, passwordToken, expiresAt } = await call(connection, connection.users.resetPassword({ user: named }));
  if (!user) return;
  await printToken(connection, user, { what: "has no password now", passwordToken, expiresAt, json }, terminal);
};

const setPassword: Action = async (connection, token, { json }, terminal) => {
  const asked = token === "" ? ["Current password: ", "New password: "] : ["New password: "];
  const typed = canAsk()
    ? await askAll([...asked, "New password again: "])
    : (await inputLines()).slice(0, asked.length);
  if (canAsk() && typed.at(-1) !== typed.at(-2)) throw usage("The new passwords differ.", "Run the command again.");
  const newPassword = typed[asked.length - 1] ?? "";
  const by =
    token === ""
      ? { case: "currentPassword" as const, value: typed[0] ?? "" }
      : { case: "passwordToken" as const, value: token };
  const { user } = await call(connection, connection.users.setPassword({ by, newPassword }));
  if (user) await print(user, "has a new password. Sign in by it: polyreel login", json, terminal);
};

const ACTIONS: Readonly<Record<string, Action>> = {
  create,
  list,
  update,
  remove,
  "reset-password": resetPassword,
  "set-password": setPassword,
};

async function askAll(questions: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const question of questions) answers.push(await ask(question, { hidden: true }));
  return answers;
}

interface Issued {
  readonly what: string;
  readonly passwordToken: string;
  readonly expiresAt: Timestamp | undefined;
  readonly json: boolean | undefined;
}

/** The token is the result: everything else is a note. */
async function printToken(
  { url }: Connection,
  user: User,
  { what, passwordToken, expiresAt, json }: Issued,
  terminal: Terminal,
): Promise<void> {
  if (json) return terminal.print(`${JSON.stringify({ ...plain(user), passwordToken })}\n`);
  const until = expiresAt ? ` until ${timestampDate(expiresAt).toISOString().slice(0, 16).replace("T", " ")} UTC` : "";
  terminal.note(
    `${describe(user)} ${what}. By this token, which is shown only now, they set a password, once,${until}:\n`,
  );
  await terminal.print(`${passwordToken}\n`);
  terminal.note(`In a browser: ${url}/set-password?token=${passwordToken}\n`);
}

async function print(user: User, what: string, json: boolean | undefined, terminal: Terminal): Promise<void> {
  if (json) await terminal.print(`${JSON.stringify(plain(user))}\n`);
  else terminal.note(`${describe(user)} ${what}.\n`);
}

const roles: Readonly<Record<string, Role>> = {
  viewer: Role.VIEWER,
  editor: Role.EDITOR,
  admin: Role.ADMIN,
  operator: Role.OPERATOR,
};

const roleName = ({ role }: User): string => (Role[role] ?? "unknown").toLowerCase();
const plain = (user: User): object => toJson(UserSchema, user) as object;
const describe = (user: User): string =>
  `${user.email} (${roleName(user)}${user.tenant && ` of tenant ${user.tenant}`})`;
const stateOf = ({ active, hasPassword }: User): string =>
  active ? (hasPassword ? "active" : "without password") : "disabled";

const usage = (what: string, remedy: string): ProblemsError => new ProblemsError([{ what, remedy }], exitCodes.usage);
