import { PolyreelError } from "@polyreel/platform";
import { GOOGLE_TOKEN_URL } from "./google-endpoints.js";

/** What a credentials file grants. Never logged. */
export type DriveCredentials = ServiceAccount | AuthorizedUser;

/** A service account's key, as Google's console saves it. */
export interface ServiceAccount {
  readonly type: "service_account";
  readonly email: string;
  readonly privateKey: string;
  readonly keyId: string | undefined;
  readonly tokenUrl: string;
}

/** A person's consent, as `polyreel drive login` saves it. */
export interface AuthorizedUser {
  readonly type: "authorized_user";
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  readonly tokenUrl: string;
}

/** Recognises credentials by their content. Throws PolyreelError `precondition`, which quotes nothing of it. */
export function parseCredentials(text: string): DriveCredentials {
  const value = objectIn(text);
  const { type, client_email, private_key, private_key_id, client_id, client_secret, refresh_token } = value;
  const tokenUrl = textOr(value.token_uri, GOOGLE_TOKEN_URL);
  if (type === "service_account" && isText(client_email) && isText(private_key)) {
    const keyId = isText(private_key_id) ? private_key_id : undefined;
    return { type, email: client_email, privateKey: private_key, keyId, tokenUrl };
  }
  if (type === "authorized_user" && isText(client_id) && isText(client_secret) && isText(refresh_token)) {
    return { type, clientId: client_id, clientSecret: client_secret, refreshToken: refresh_token, tokenUrl };
  }
  if ("installed" in value || "web" in value) {
    throw unusable(
      "it is an OAuth client, which grants nothing by itself",
      "Run `polyreel drive login` with it first.",
    );
  }
  throw unusable(
    "it is neither a service account's key nor a file that `polyreel drive login` wrote",
    "Give a service account's JSON key, or run `polyreel drive login`.",
  );
}

/** The content of a credentials file for a person's consent. */
export const credentialsText = ({ clientId, clientSecret, refreshToken, tokenUrl }: AuthorizedUser): string =>
  `${JSON.stringify(
    {
      type: "authorized_user",
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
      token_uri: tokenUrl,
    },
    undefined,
    2,
  )}\n`;

/** An OAuth client for installed applications: Google's `client_secret.json`. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly authUrl: string | undefined;
  readonly tokenUrl: string;
}

/** Throws PolyreelError `precondition`. */
export function parseOAuthClient(text: string): OAuthClient {
  const { installed, web } = objectIn(text);
  if (web !== undefined) {
    throw unusable(
      "it is an OAuth client for web applications",
      'Create an OAuth client of the type "Desktop app" in Google\'s console, and give its file.',
    );
  }
  const { client_id, client_secret, auth_uri, token_uri } = (installed ?? {}) as Record<string, unknown>;
  if (!isText(client_id) || !isText(client_secret)) {
    throw unusable(
      "it is not an OAuth client",
      'Create an OAuth client of the type "Desktop app" in Google\'s console, and give the file that it offers for download.',
    );
  }
  return {
    clientId: client_id,
    clientSecret: client_secret,
    authUrl: isText(auth_uri) ? auth_uri : undefined,
    tokenUrl: textOr(token_uri, GOOGLE_TOKEN_URL),
  };
}

function objectIn(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable("it is not JSON", "Give the file as Google or `polyreel drive login` wrote it.");
  }
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

const textOr = (value: unknown, otherwise: string): string => (isText(value) ? value : otherwise);

const unusable = (reason: string, remedy: string): PolyreelError =>
  new PolyreelError("precondition", { reason: `The credentials file cannot be used: ${reason}.`, remedy });
