import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Session,
  type SessionRecord,
  SessionSchema,
  type SessionService,
  type Tokens,
  TokensSchema,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { rightsOf } from "../access/callers.js";
import { suffices } from "../access/roles.js";
import { wrongToken } from "../access/scheme.js";
import { assertOperator, type Call, reaches } from "../call/call.js";
import type { CallHandlers } from "../call/with-calls.js";
import type { AccessTokens } from "./access-tokens.js";
import { namedUserId } from "./email.js";
import type { BegunSession } from "./kept-sessions.js";
import { holderOf } from "./people.js";
import type { SignInDeps } from "./sign-in.js";
import { asksNobody, signIn } from "./sign-in.js";
import type { SigningKeys } from "./signing-keys.js";

interface Deps extends SignInDeps {
  readonly tokens: AccessTokens;
  readonly signingKeys: SigningKeys;
  /** Whether the gateway asks who is calling. */
  readonly isAsking: boolean;
}

/** polyreel.v1.SessionService: people see and end their own sessions, administrators those of their tenant. */
export function sessionService(deps: Deps): CallHandlers<typeof SessionService> {
  const { sessions, users, tokens, signingKeys, isAsking } = deps;
  const withAccess = async ({ session, token }: BegunSession): Promise<Tokens> => {
    const access = await tokens.sign(session);
    return create(TokensSchema, {
      ...{ accessToken: access.token, accessExpiresAt: timestampFromMs(access.expiresAtMs) },
      refreshToken: token,
      ...(session.expiresAt && { refreshExpiresAt: session.expiresAt }),
    });
  };
  return {
    signIn: async ({ email, password, client }, { address = "" }) => {
      if (!isAsking) throw asksNobody();
      const begun = await signIn(deps, { email, password, address }, { page: false, client });
      return { tokens: await withAccess(begun), session: { ...begun.session, current: true } };
    },
    refreshSession: async ({ refreshToken }) => {
      const next = await sessions.refresh(
        refreshToken,
        async (record) => (await holderOf(record, users)) !== undefined,
      );
      if (!next) throw wrongToken();
      return { tokens: await withAccess(next) };
    },
    signOut: async (_, { principal }) => {
      if (principal.kind !== "user" || principal.user.session === "") throw hasNoSession();
      await sessions.end(principal.user.session);
      return {};
    },
    listSessions: async ({ user }, call) => {
      const asked = user === "" ? (isAdmin(call) ? undefined : ownId(call)) : namedUserId(user);
      const found = await sessions.list(asked, call.signal);
      return { sessions: found.flatMap((record) => visible(record, call) ?? []) };
    },
    revokeSession: async ({ id }, call) => {
      const record = await sessions.get(id);
      const session = record && visible(record, call);
      if (!session) throw noSuchSession(id);
      await sessions.end(id);
      return { session };
    },
    rotateSigningKey: async (_, call) => {
      assertOperator(call);
      return { keyId: (await signingKeys.rotate()).id };
    },
  };
}

/** A session as its caller may see it: their own, or any of the tenant for administrators. */
function visible({ session }: SessionRecord, call: Call): Session | undefined {
  const { principal, scope } = call;
  if (!session) return undefined;
  const isOwn = principal.kind === "user" && principal.user.id === session.userId;
  if (!isOwn && !(isAdmin(call) && reaches(scope, session.tenant))) return undefined;
  const isCurrent = principal.kind === "user" && principal.user.session === session.id;
  return create(SessionSchema, { ...session, current: isCurrent });
}

const isAdmin = ({ principal }: Call): boolean => suffices(rightsOf(principal).role, "admin");
/** Empty for callers who are no person: they have no sessions. */
const ownId = ({ principal }: Call): string => (principal.kind === "user" ? principal.user.id : "");

const noSuchSession = (id: string): PolyreelError =>
  new PolyreelError("not_found", {
    field: "id",
    reason: `There is no session with the id ${JSON.stringify(id.slice(0, 40))}.`,
    remedy: "polyreel sessions list shows them.",
  });

const hasNoSession = (): PolyreelError =>
  new PolyreelError("precondition", {
    reason: "The caller has no session: only people who signed in have one.",
    remedy: "A key is ended by polyreel keys revoke.",
  });
