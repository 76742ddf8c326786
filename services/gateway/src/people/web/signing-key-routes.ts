import type { Access } from "../../access/open-access.js";
import type { WebApp } from "../../web/web-app.js";

/** The public keys of access tokens, for other programs that verify them: https://www.rfc-editor.org/rfc/rfc7517 */
export const signingKeyRoutes =
  ({ access: { people } }: { readonly access: Access }) =>
  (app: WebApp): void => {
    app.get("/.well-known/jwks.json", async (_request, reply) =>
      reply.header("Cache-Control", "max-age=300").send(await people.signingKeys.jwks()),
    );
  };
