import { timestampDate } from "@bufbuild/protobuf/wkt";
import { parseCookie, stringifySetCookie } from "cookie";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../../access/open-access.js";
import { SIGN_IN } from "../../people/web/addresses.js";
import { setPageCookie } from "../../people/web/page-cookie.js";
import { signedInPage, signInPage } from "../../people/web/pages.js";
import { queryOf, readForms, refusalOf, sendPage } from "../../people/web/session-routes.js";
import type { WebApp } from "../../web/web-app.js";
import { ATTEMPT_LASTS_SECONDS } from "./attempt.js";
import type { ProviderSignIns } from "./provider-sign-ins.js";

const COOKIE = "__Host-polyreel-sign-in";

interface Deps {
  readonly access: Access;
  readonly signIns: ProviderSignIns;
}

/** Sign-ins at OpenID providers: a link leads to the provider, which leads back to the callback. */
export const providerRoutes =
  ({ access, signIns }: Deps) =>
  (app: WebApp): void => {
    const providers = access.providers.map(({ settings: { name, label } }) => ({ name, label }));
    readForms(app);
    app.addHook("onSend", async (_request, reply) => {
      // The callback's address has a code.
      reply.headers({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
    });
    const orPage = async (reply: FastifyReply, to: string, act: () => Promise<FastifyReply>): Promise<FastifyReply> => {
      try {
        return await act();
      } catch (error) {
        const { status, problem } = refusalOf(error);
        return sendPage(reply.code(status), signInPage({ to, problem, providers }));
      }
    };

    // Called by the provider itself.
    app.post(`${SIGN_IN}/:provider/logout`, async (request, reply) => {
      const { logout_token: token } = (request.body ?? {}) as { readonly logout_token?: unknown };
      await signIns.backChannelLogout(providerOf(request), typeof token === "string" ? token : "");
      return reply.send();
    });
    app.get(`${SIGN_IN}/:provider`, async (request, reply) =>
      orPage(reply, "/", async () => {
        const { location, kept } = await signIns.begin(providerOf(request), queryOf(request, "to"));
        return reply.header("Set-Cookie", attemptCookie(kept, ATTEMPT_LASTS_SECONDS)).redirect(location, 303);
      }),
    );
    app.get(`${SIGN_IN}/:provider/callback`, async (request, reply) =>
      orPage(reply, "/", async () => {
        // Whatever comes of it, the attempt is over.
        reply.header("Set-Cookie", attemptCookie("", 0));
        const kept = parseCookie(request.headers.cookie ?? "")[COOKIE] ?? "";
        const client = request.headers["user-agent"] ?? "";
        const query = /\?.*$/.exec(request.raw.url ?? "")?.[0] ?? "";
        const { session, token, to } = await signIns.end(providerOf(request), { query, kept, client });
        if (session.expiresAt) reply.header("Set-Cookie", setPageCookie(token, timestampDate(session.expiresAt)));
        // A redirect would be the provider's, whose pages may not call: the browser goes on from a page of the gateway.
        return sendPage(reply.header("Refresh", `0;url=${to}`), signedInPage(session.email, to));
      }),
    );
  };

const providerOf = ({ params }: FastifyRequest): string => (params as { readonly provider: string }).provider;

/** Sent when the provider leads back, too: that is a link to follow. */
const attemptCookie = (value: string, maxAge: number): string =>
  stringifySetCookie({ name: COOKIE, value, maxAge, path: "/", httpOnly: true, secure: true, sameSite: "lax" });
