import type { MessageInitShape } from "@bufbuild/protobuf";
import { BearerToken, type SignInProviderSchema } from "@polyreel/contract";
import type { ProviderSettings } from "./settings/provider-settings.js";

/** What everybody may know of a provider: how to sign in there. Its sign-in page shows the same. */
export const signInProvider = (settings: ProviderSettings): MessageInitShape<typeof SignInProviderSchema> => ({
  ...{ name: settings.name, label: settings.label, issuer: settings.issuer },
  // Without an audience its tokens are not accepted: it is for the page.
  clientId: settings.audiences.length > 0 ? settings.commandLineClientId : "",
  ...{ scopes: [...settings.scopes], parameters: { ...settings.parameters } },
  bearerToken: settings.bearerTokens === "id" ? BearerToken.ID_TOKEN : BearerToken.ACCESS_TOKEN,
});
