import { create } from "@bufbuild/protobuf";
import { timestampFromMs, timestampNow } from "@bufbuild/protobuf/wkt";
import { Role, type User, UserSchema, type UserService } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { rightsOf } from "../access/callers.js";
import type { KeptKeys } from "../access/kept-keys.js";
import { roleName } from "../access/roles.js";
import { type Call, narrowed, reaches, tenantFor } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import { namedUserId, parseEmail, userIdOf } from "./email.js";
import { type KeptUsers, noSuchUser } from "./kept-users.js";
import { INVITATION_LASTS_MS, RESET_LASTS_MS } from "./lifetimes.js";
import { type SetPasswordDeps, setOwnPassword, setPasswordByToken } from "./set-password.js";

interface Deps extends SetPasswordDeps {
  readonly keys: KeptKeys;
}

/** polyreel.v1.UserService: users of the caller's tenant; of all tenants for operators. */
export function userService(deps: Deps): CallHandlers<typeof UserService> {
  const { users } = deps;
  return {
    createUser: async (request, call) => {
      const { email, name, role } = request;
      assertGivable(role, call);
      if (role === Role.OPERATOR && request.tenant !== "") throw operatorsTenant();
      const address = parseEmail(email);
      const user = create(UserSchema, {
        ...{ id: userIdOf(address), email: address, name: name.trim(), role, active: true, createdAt: timestampNow() },
        tenant: role === Role.OPERATOR ? "" : tenantFor(call.scope, request.tenant, "tenant"),
      });
      const { text, expiresAtMs } = await users.add(user, INVITATION_LASTS_MS);
      return { user, passwordToken: text, expiresAt: timestampFromMs(expiresAtMs) };
    },
    listUsers: async ({ tenant }, { scope, signal }) => {
      const own = narrowed(scope, tenant, "tenant");
      return { users: (await users.list(signal)).filter((user) => reaches(own, user.tenant)) };
    },
    updateUser: async ({ user: named, role, active, name }, call) => {
      const found = await reachable(users, named, call);
      if (role !== undefined) assertGivable(role, call);
      const changed = (user: User): User => {
        assertChangeable(user, call);
        if (role !== undefined && (role === Role.OPERATOR) !== (user.role === Role.OPERATOR)) throw staysOperator(user);
        return { ...user, role: role ?? user.role, active: active ?? user.active, name: name?.trim() ?? user.name };
      };
      if (active === false) await assertOperatorRemains(deps, found);
      return { user: await users.update(found.id, changed) };
    },
    removeUser: async ({ user: named }, call) => {
      const user = await reachable(users, named, call);
      assertChangeable(user, call);
      await assertOperatorRemains(deps, user);
      await users.remove(user.id);
      return { user };
    },
    resetPassword: async ({ user: named }, call) => {
      const found = await reachable(users, named, call);
      assertChangeable(found, call);
      const { user, token } = await users.resetPassword(found.id, RESET_LASTS_MS);
      return { user, passwordToken: token.text, expiresAt: timestampFromMs(token.expiresAtMs) };
    },
    setPassword: async ({ by, newPassword }, { principal, address = "" }) => {
      if (by.case === "passwordToken") return { user: await setPasswordByToken(deps, by.value, newPassword) };
      return { user: await setOwnPassword(deps, principal, { current: by.value ?? "", newPassword, address }) };
    },
  };
}

/** Users of other tenants do not exist for the caller. */
async function reachable(users: KeptUsers, named: string, { scope, signal }: Call): Promise<User> {
  const user = (await users.get(namedUserId(named), signal))?.user;
  if (!user || !reaches(scope, user.tenant)) throw noSuchUser(named);
  return user;
}

/** Nobody gives more than they have. */
function assertGivable(role: Role, { principal }: Call): void {
  const own = rightsOf(principal).role;
  if (role <= own) return;
  throw new PolyreelError("denied", {
    field: "role",
    reason: `The caller has the role ${roleName(own)}, and cannot give the role ${roleName(role)}.`,
    remedy: "Ask an operator for it.",
  });
}

function assertChangeable({ role }: User, { principal }: Call): void {
  const own = rightsOf(principal).role;
  if (role <= own) return;
  throw new PolyreelError("denied", {
    field: "user",
    reason: `The caller has the role ${roleName(own)}, and cannot change a user with the role ${roleName(role)}.`,
    remedy: "Ask an operator for it.",
  });
}

/** Somebody must be able to manage the installation: another operator who can sign in, or a key of operators. */
async function assertOperatorRemains({ users, keys }: Deps, user: User): Promise<void> {
  if (user.role !== Role.OPERATOR || (await users.hasOperator(user.id)) || (await keys.hasOperator())) return;
  throw new PolyreelError("precondition", {
    field: "user",
    reason: `${user.email} is the last operator who can sign in, and no key of operators is valid.`,
    remedy: "Create another operator first, who has set a password.",
  });
}

const operatorsTenant = (): PolyreelError =>
  new PolyreelError("invalid", {
    field: "tenant",
    reason: "An operator reaches all tenants, and belongs to none.",
    remedy: 'Leave the tenant out, or choose another role, such as "admin".',
  });

const staysOperator = ({ email, role }: User): PolyreelError =>
  new PolyreelError("precondition", {
    field: "role",
    reason: `${email} is ${role === Role.OPERATOR ? "an operator, who belongs to no tenant" : "a user of a tenant, and cannot become an operator"}.`,
    remedy: "Remove the user, and create one with the other role.",
  });
