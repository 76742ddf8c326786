import { type Client, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { AccessService, BatchService, Role, SessionService, UserService } from "@polyreel/contract";
import type { GatewayConfig } from "../../config.js";
import { type RunningGateway, runGateway } from "../../testing/running-gateway.js";

/** Clients of a caller with this token or key. */
export interface Caller {
  readonly access: Client<typeof AccessService>;
  readonly batches: Client<typeof BatchService>;
  readonly sessions: Client<typeof SessionService>;
  readonly users: Client<typeof UserService>;
}

/** A gateway that asks who is calling, and an operator's key for it. */
export interface PeopleGateway {
  readonly gateway: RunningGateway;
  readonly operator: string;
  as(token?: string): Caller;
  /** Creates a user with a password of its own. */
  person(email: string, role: Role, tenant?: string): Promise<{ readonly id: string; readonly password: string }>;
}

export async function runPeopleGateway(overrides: Partial<GatewayConfig> = {}): Promise<PeopleGateway> {
  const printed: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = (text: string | Uint8Array) => printed.push(String(text)) > 0;
  const gateway = await runGateway({ auth: "required", ...overrides }).finally(() => {
    process.stderr.write = write;
  });
  const [, setup = ""] = /POLYREEL_KEY=(\S+)/.exec(printed.join("")) ?? [];
  const as = (token = ""): Caller => {
    const transport = createConnectTransport({
      baseUrl: gateway.url,
      httpVersion: "1.1",
      interceptors: [
        (next) => (request) => {
          if (token !== "") request.header.set("Authorization", `Bearer ${token}`);
          return next(request);
        },
      ],
    });
    return {
      access: createClient(AccessService, transport),
      batches: createClient(BatchService, transport),
      sessions: createClient(SessionService, transport),
      users: createClient(UserService, transport),
    };
  };
  const operator = (await as(setup).access.createKey({ name: "operator", role: Role.OPERATOR })).secret;
  const person = async (email: string, role: Role, tenant = role === Role.OPERATOR ? "" : "acme") => {
    const { user, passwordToken } = await as(operator).users.createUser({ email, role, tenant });
    const password = `a password of ${crypto.randomUUID()}`;
    const by = { case: "passwordToken", value: passwordToken } as const;
    await as().users.setPassword({ by, newPassword: password });
    return { id: user?.id ?? "", password };
  };
  return { gateway, operator, as, person };
}
