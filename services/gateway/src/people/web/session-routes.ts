import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { SessionRecord } from "@polyreel/contract";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../../access/open-access.js";
import type { ProviderSignIns } from "../../oidc/sign-in/provider-sign-ins.js";
import { hostName, isLoopback } from "../../server/allowed-hosts.js";
import { addressOf } from "../../server/client-address.js";
import { toProblem } from "../../web/problem.js";
import { callOf, type WebApp } from "../../web/web-app.js";
import type { BegunSession } from "../kept-sessions.js";
import { setPasswordByToken } from "../set-password.js";
import { asksNobody, signIn } from "../sign-in.js";
import { SET_PASSWORD, SIGN_IN } from "./addresses.js";
import { assertFromOwnPage, clearPageCookie, setPageCookie } from "./page-cookie.js";
import { POLICY, setPasswordPage, signedInPage, signedOutPage, signInPage } from "./pages.js";
import { ownPath } from "./sign-in-address.js";

const FORM = "application/x-www-form-urlencoded";
const MAX_FORM_BYTES = 8 * 1024;

/** Sessions of pages, kept by a cookie: `/session` for scripts and forms; pages to sign in and to set a password, without scripts. */
export const sessionRoutes =
  ({ access, signIns }: { readonly access: Access; readonly signIns: Pick<ProviderSignIns, "signOut"> }) =>
  (app: WebApp): void => {
    const providers = access.providers.map(({ settings: { name, label } }) => ({ name, label }));
    const { callers, people } = access;
    readForms(app);
    // Not "no-referrer", with which browsers send "Origin: null" by forms.
    app.addHook("onSend", async (_request, reply) => {
      reply.headers({ "Cache-Control": "no-store", "Referrer-Policy": "same-origin" });
    });

    const begin = async (request: FastifyRequest, reply: FastifyReply): Promise<BegunSession["session"]> => {
      assertFromOwnPage(request.raw);
      assertKeepsCookies(request);
      if (!callers) throw asksNobody();
      const credentials = { ...fieldsOf(request), address: addressOf(request.raw) };
      const client = request.headers["user-agent"] ?? "";
      const { session, token } = await signIn(people, credentials, { page: true, client });
      if (session.expiresAt) reply.header("Set-Cookie", setPageCookie(token, timestampDate(session.expiresAt)));
      return session;
    };
    /** Returns the session that ended, if there was one. */
    const end = async (request: FastifyRequest, reply: FastifyReply): Promise<SessionRecord | undefined> => {
      assertFromOwnPage(request.raw);
      const { principal } = callOf(request, reply);
      const id = principal.kind === "user" ? principal.user.session : "";
      const record = id === "" ? undefined : await people.sessions.get(id);
      if (record) await people.sessions.end(id);
      reply.header("Set-Cookie", clearPageCookie());
      return record;
    };

    app.post("/session", async (request, reply) => {
      const isForm = request.headers["content-type"]?.startsWith(FORM) ?? false;
      if (!isForm) {
        const { id, email, tenant, expiresAt } = await begin(request, reply);
        return { id, email, tenant, expiresAt: expiresAt && timestampDate(expiresAt).toISOString() };
      }
      const { email, to } = fieldsOf(request);
      try {
        await begin(request, reply);
        return reply.redirect(ownPath(to), 303);
      } catch (error) {
        const { status, problem } = refusalOf(error);
        return sendPage(reply.code(status), signInPage({ to: ownPath(to), email, problem, providers }));
      }
    });
    app.delete("/session", async (request, reply) => {
      await end(request, reply);
      return reply.code(204).send();
    });
    app.post("/sign-out", async (request, reply) => {
      const ended = await end(request, reply);
      const elsewhere = ended && (await signIns.signOut(ended));
      // A link: a form of this page may lead to no other server.
      return elsewhere ? sendPage(reply, signedOutPage(elsewhere)) : reply.redirect(SIGN_IN, 303);
    });
    app.get(SIGN_IN, async (request, reply) => {
      const { principal } = callOf(request, reply);
      const to = ownPath(queryOf(request, "to"));
      return sendPage(
        reply,
        principal.kind === "user" ? signedInPage(principal.user.name, to) : signInPage({ to, providers }),
      );
    });
    app.get(SET_PASSWORD, async (request, reply) => sendPage(reply, setPasswordPage(queryOf(request, "token"))));
    app.post(SET_PASSWORD, async (request, reply) => {
      const { token, password } = fieldsOf(request);
      try {
        assertFromOwnPage(request.raw);
        const { email } = await setPasswordByToken(people, token, password);
        return sendPage(
          reply,
          signInPage({ to: "/", email, note: "Your password is set. Sign in with it.", providers }),
        );
      } catch (error) {
        const { status, problem } = refusalOf(error);
        return sendPage(reply.code(status), setPasswordPage(token, problem));
      }
    });
  };

/** Bodies of forms become objects. */
export const readForms = (app: WebApp): void => {
  app.addContentTypeParser(FORM, { parseAs: "string", bodyLimit: MAX_FORM_BYTES }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(body.toString()))),
  );
};

export const sendPage = (reply: FastifyReply, page: string): FastifyReply =>
  reply.type("text/html; charset=utf-8").header("Content-Security-Policy", POLICY).send(page);

type Field = "email" | "password" | "token" | "to";

/** Texts of a form or of JSON; empty ones for what is missing. */
function fieldsOf({ body }: FastifyRequest): Readonly<Record<Field, string>> {
  const fields: Readonly<Record<string, unknown>> = typeof body === "object" && body !== null ? { ...body } : {};
  const text = (name: Field): string => (typeof fields[name] === "string" ? fields[name] : "");
  return { email: text("email"), password: text("password"), token: text("token"), to: text("to") };
}

export function queryOf({ query }: FastifyRequest, name: string): string {
  const value = (query as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : "";
}

/** In words for a person; internal errors are for the error handler. */
export function refusalOf(error: unknown): { readonly status: number; readonly problem: string } {
  const { code, failure } = toPolyreelError(error);
  if (code === "internal") throw error;
  return { status: toProblem(error).status, problem: `${failure.reason} ${failure.remedy}`.trim() };
}

/** Browsers drop the cookie of a page over plain HTTP, except on loopback: signing in would seem to do nothing. */
function assertKeepsCookies({ headers: { origin = "" } }: FastifyRequest): void {
  if (!origin.startsWith("http:") || isLoopback(hostName(origin.slice("http://".length)) ?? "")) return;
  throw new PolyreelError("precondition", {
    reason: "Browsers keep a session of a page over HTTPS only, except on the gateway's own machine.",
    remedy: "Reach the gateway by https://, as docs/security.md describes.",
  });
}
