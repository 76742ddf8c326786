import { type Code, ConnectError, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { AccessService, Role } from "@polyreel/contract";
import { type RunningGateway, runGateway } from "../../testing/running-gateway.js";

export const ROLES = { viewer: Role.VIEWER, editor: Role.EDITOR, admin: Role.ADMIN, operator: Role.OPERATOR };
export type RoleName = keyof typeof ROLES;

/** A gateway that asks who is calling, with keys of each role. */
export interface AskingGateway extends RunningGateway {
  /** The token for the first key, which has ended. */
  readonly setup: string;
  /** A key of tenant acme by role, and one of operators. */
  readonly secrets: Readonly<Record<RoleName, string>>;
  /** A transport for calls with a key; none if it is empty. */
  transport(secret?: string, protocol?: "connect" | "grpc"): Transport;
}

/** `before`: what to do with the set-up's token, before there is a key. */
export async function startAskingGateway(
  before: (transport: Transport) => Promise<void> = async () => {},
): Promise<AskingGateway> {
  const printed: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = (text: string | Uint8Array) => printed.push(String(text)) > 0;
  const gateway = await runGateway({ auth: "required" }).finally(() => {
    process.stderr.write = write;
  });
  const transport: AskingGateway["transport"] = (secret = "", protocol = "connect") => {
    const options = { baseUrl: gateway.url, interceptors: secret ? [bearer(secret)] : [] };
    return protocol === "grpc"
      ? createGrpcTransport(options)
      : createConnectTransport({ ...options, httpVersion: "1.1" });
  };
  const [, setup = ""] = /POLYREEL_KEY=(\S+)/.exec(printed.join("")) ?? [];
  await before(transport(setup));
  const access = (secret: string) => createClient(AccessService, transport(secret));
  const { secret: operator } = await access(setup).createKey({ name: "first", role: Role.OPERATOR });
  const made = Object.entries(ROLES).map(async ([name, role]) => {
    const tenant = role === Role.OPERATOR ? "" : "acme";
    return [name, (await access(operator).createKey({ name, role, tenant })).secret];
  });
  return { ...gateway, setup, transport, secrets: Object.fromEntries(await Promise.all(made)) };
}

const bearer =
  (secret: string): Interceptor =>
  (next) =>
  (request) => {
    request.header.set("Authorization", `Bearer ${secret}`);
    return next(request);
  };

export const codeOf = (call: Promise<unknown>): Promise<Code | "ok"> =>
  call.then(
    () => "ok" as const,
    (error: unknown) => ConnectError.from(error).code,
  );
