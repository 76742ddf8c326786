import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import {
  AccessService,
  AdminService,
  AuditService,
  BatchService,
  DestinationService,
  LinkService,
  NotificationService,
  PresetService,
  SecretService,
  SessionService,
  SourceService,
  UsageService,
  UserService,
  VoiceService,
} from "@polyreel/contract";
import { accessKey } from "../config.js";
import { exitCodes } from "../exit-codes.js";
import { signedInToken } from "../login/signed-in-token.js";
import { ProblemsError } from "../problem.js";
import { awaitRate } from "./await-rate.js";
import { trustedAuthorities } from "./trusted-authorities.js";

/** Clients for a server's services. */
export interface Connection {
  readonly url: string;
  readonly batches: Client<typeof BatchService>;
  readonly sources: Client<typeof SourceService>;
  readonly voices: Client<typeof VoiceService>;
  readonly presets: Client<typeof PresetService>;
  readonly destinations: Client<typeof DestinationService>;
  readonly links: Client<typeof LinkService>;
  readonly notifications: Client<typeof NotificationService>;
  readonly admin: Client<typeof AdminService>;
  readonly access: Client<typeof AccessService>;
  readonly secrets: Client<typeof SecretService>;
  readonly usage: Client<typeof UsageService>;
  readonly audit: Client<typeof AuditService>;
  readonly users: Client<typeof UserService>;
  readonly sessions: Client<typeof SessionService>;
  close(): void;
}

/**
 * Creates gRPC clients for a server; nothing is sent before the first call. `token`: what shows who calls; by default
 * POLYREEL_KEY, or that of the person who signed in there.
 */
export function connectTo(url: string, token?: () => Promise<string | undefined>): Connection {
  const baseUrl = checkUrl(url);
  const session = new Http2SessionManager(baseUrl, undefined, baseUrl.startsWith("https:") ? trustedAuthorities() : {});
  const key = accessKey();
  const own = key === "" ? signedInToken(baseUrl, { baseUrl, sessionManager: session }) : async () => key;
  const interceptors = [awaitRate((text) => void process.stderr.write(text)), withToken(token ?? own)];
  const transport = createGrpcTransport({ baseUrl, sessionManager: session, interceptors });
  return {
    url: baseUrl,
    batches: createClient(BatchService, transport),
    sources: createClient(SourceService, transport),
    voices: createClient(VoiceService, transport),
    presets: createClient(PresetService, transport),
    destinations: createClient(DestinationService, transport),
    links: createClient(LinkService, transport),
    notifications: createClient(NotificationService, transport),
    admin: createClient(AdminService, transport),
    access: createClient(AccessService, transport),
    secrets: createClient(SecretService, transport),
    usage: createClient(UsageService, transport),
    audit: createClient(AuditService, transport),
    users: createClient(UserService, transport),
    sessions: createClient(SessionService, transport),
    close: () => session.abort(),
  };
}

const withToken =
  (token: () => Promise<string | undefined>): Interceptor =>
  (next) =>
  async (request) => {
    const known = await token();
    if (known !== undefined) request.header.set("Authorization", `Bearer ${known}`);
    return await next(request);
  };

function checkUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const remedy = "Give it as in http://127.0.0.1:8080.";
  if (parsed && (parsed.username || parsed.password)) {
    // The server ignores credentials, and error messages would print them.
    throw new ProblemsError([{ what: "The server's address has a user or password in it.", remedy }], exitCodes.usage);
  }
  if (parsed?.protocol === "http:" || parsed?.protocol === "https:") return url.replace(/\/+$/, "");
  throw new ProblemsError(
    [{ what: `${JSON.stringify(url)} is not the address of a server.`, remedy }],
    exitCodes.usage,
  );
}
