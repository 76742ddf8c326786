import {
  createRegistry,
  type DescMethod,
  type DescService,
  type Message,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { mutate } from "../hostile/mutate.js";
import { Random } from "../property/random.js";
import { type Drawing, drawMessage } from "./draw-value.js";
import { mutateMessage } from "./mutate-message.js";

export type Protocol = "connect" | "grpc" | "grpc-web";

/** An HTTP request to the API, with a description. */
export interface FuzzCall {
  readonly index: number;
  readonly protocol: Protocol;
  readonly method: DescMethod;
  readonly verb: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Only the first bytes are sent; then the connection is cut. */
  readonly cutAfter: number | undefined;
  /** Description for a report. */
  readonly how: string;
}

/** Material for calls: the API's methods, valid requests of some, and existing ids. */
export interface Corpus {
  readonly services: readonly DescService[];
  readonly valid: ReadonlyMap<string, readonly Message[]>;
  readonly known: readonly string[];
}

/** Streams are ended by their own deadline. */
export const DEADLINE_MS = 400;
const WRONG_TYPES = [
  ...["text/plain", "application/x-protobuf", "application/grpc+thrift", "application/json; charset=latin1", ""],
  ...[
    "application/proto",
    "application/json",
    "application/connect+proto",
    "application/grpc-web-text",
    "multipart/mixed",
  ],
] as const;
const ENVELOPE_BYTES = 5;

/** The call at `index`, determined by seed and corpus, independent of earlier calls. */
export function drawCall(seed: number, index: number, { services, valid, known }: Corpus): FuzzCall {
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const drawing: Drawing = { random, known };
  const method = random.pick(services.flatMap(({ methods }) => methods)) as DescMethod;
  const protocol = random.pick(["connect", "connect", "grpc", "grpc-web"] as const);
  const json = random.chance(protocol === "connect" ? 0.5 : 0.15);
  const isStream = method.methodKind !== "unary";
  const count = method.methodKind === "unary" || random.chance(0.3) ? 1 : random.whole(0, 4);
  const drawn = Array.from({ length: count }, () => drawPayload(method, valid, drawing, json));
  const enveloped = protocol !== "connect" || isStream;
  const call = {
    index,
    protocol,
    method,
    verb: "POST",
    path: `/${method.parent.typeName}/${method.name}`,
    headers: { "content-type": contentType(protocol, json, isStream), ...headersOf(protocol) },
    body: Buffer.concat(drawn.map(({ bytes }) => (enveloped ? envelope(bytes, random) : bytes))),
    cutAfter: undefined,
    how: drawn.map(({ how }) => how).join(", ") || "no message",
  };
  return random.chance(0.2) ? withFault(call, random) : call;
}

function drawPayload(
  method: DescMethod,
  valid: Corpus["valid"],
  drawing: Drawing,
  json: boolean,
): { bytes: Buffer; how: string } {
  const { random } = drawing;
  const { input } = method;
  const samples = valid.get(input.typeName) ?? [];
  const sample = random.pick(samples);
  const kind = random.next();
  if (kind < 0.05) return { bytes: drawBytes(random), how: "random bytes" };
  const [message, how] =
    kind < 0.3 || !sample
      ? ([drawMessage(input, drawing), "random"] as const)
      : kind < 0.4
        ? ([sample, "valid"] as const)
        : ([mutateMessage(input, sample, drawing), "mutated"] as const);
  const bytes = encode(method, message, json);
  if (kind < 0.85 || bytes.length === 0) return { bytes, how };
  const mutant = mutate(bytes, random);
  return { bytes: mutant.bytes, how: `${how}, ${mutant.how}` };
}

/** Messages without a JSON form (a duration of 10^18 seconds) are sent in binary. */
function encode({ input, parent }: DescMethod, message: Message, json: boolean): Buffer {
  if (json) {
    try {
      return Buffer.from(toJsonString(input, message, { registry: createRegistry(parent.file) }));
    } catch {}
  }
  return Buffer.from(toBinary(input, message));
}

const drawBytes = (random: Random): Buffer =>
  Buffer.from(Array.from({ length: random.whole(0, 400) }, () => random.whole(0, 255)));

/** A length-prefixed message; occasionally flags or length are wrong. */
function envelope(bytes: Buffer, random: Random): Buffer {
  const head = Buffer.alloc(ENVELOPE_BYTES);
  const wrong = random.chance(0.06);
  head.writeUInt8(wrong && random.chance(0.5) ? random.whole(0, 255) : 0, 0);
  head.writeUInt32BE(wrong ? random.pick([0, 1, bytes.length + 9, 0x7fffffff, 0xffffffff]) : bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function contentType(protocol: Protocol, json: boolean, isStream: boolean): string {
  const encoding = json ? "json" : "proto";
  if (protocol !== "connect") return `application/${protocol}+${encoding}`;
  return isStream ? `application/connect+${encoding}` : `application/${encoding}`;
}

function headersOf(protocol: Protocol): Record<string, string> {
  if (protocol === "connect") return { "connect-timeout-ms": `${DEADLINE_MS}`, "connect-protocol-version": "1" };
  return { "grpc-timeout": `${DEADLINE_MS}m`, ...(protocol === "grpc" ? { te: "trailers" } : { "x-grpc-web": "1" }) };
}

/** Makes one aspect of the transport invalid. */
function withFault(call: FuzzCall, random: Random): FuzzCall {
  const headers = (more: Record<string, string>) => ({ ...call.headers, ...more });
  const faults: (() => Partial<FuzzCall>)[] = [
    () => ({ headers: headers({ "content-type": random.pick(WRONG_TYPES) }) }),
    () => ({ headers: headers({ "content-encoding": random.pick(["gzip", "br", "identity", "x"]) }) }),
    () => ({ headers: headers({ "grpc-encoding": "gzip", "connect-content-encoding": "gzip" }) }),
    () => ({ headers: headers({ "connect-protocol-version": "9" }) }),
    () => ({ headers: headers({ "accept-encoding": "x, ,", "grpc-accept-encoding": ",," }) }),
    () => ({ headers: headers({ "x-long": "y".repeat(random.pick([1000, 7000, 60_000])) }) }),
    () => ({ headers: headers({ traceparent: random.pick(["00-x", `00-${"0".repeat(32)}-${"0".repeat(16)}-00`]) }) }),
    () => ({ headers: headers({ "x-bin-bin": "!!!", origin: "null" }) }),
    () => ({ verb: random.pick(["GET", "PUT", "DELETE", "OPTIONS", "HEAD"]) }),
    () => ({ path: `${call.path}${random.pick(["x", "/", "/x", "?connect=v1&message=%7B", "%00", "/../GetBatch"])}` }),
    () => ({ path: `/outputs/${random.pick(["b", "%2e%2e%2f", "b/c/d", "%ff", "b/../../x"])}`, verb: "GET" }),
    () => ({ cutAfter: random.whole(0, call.body.length) }),
  ];
  const fault = (random.pick(faults) as (typeof faults)[number])();
  return { ...call, ...fault, how: `${call.how}; with ${JSON.stringify(fault).slice(0, 120)}` };
}
