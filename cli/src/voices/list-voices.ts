import { create } from "@bufbuild/protobuf";
import {
  type ListVoicesRequest,
  ListVoicesRequestSchema,
  type ListVoicesResponse,
  type Voice,
} from "@polyreel/contract";
import { alignColumns } from "../terminal/columns.js";
import type { Terminal } from "../terminal/terminal.js";

export interface VoicesOptions {
  /** This machine if omitted. */
  server?: string;
  language?: string;
  engine?: string;
  gender?: string;
  tenant?: string;
  json?: boolean | undefined;
  /** Addresses of samples in the table. */
  samples?: boolean | undefined;
}

/** `polyreel voices`: a table, or one JSON object. */
export async function listVoices(
  { server, json, samples, ...wanted }: VoicesOptions,
  terminal: Terminal,
): Promise<void> {
  const request = create(ListVoicesRequestSchema, wanted);
  const list = (one: ListVoicesRequest) => (server === undefined ? localVoices(one) : serverVoices(server, one));
  const { voices, failures } = await list(request);
  for (const { failure } of failures) terminal.note(`warning: ${failure?.reason}\n  remedy: ${failure?.remedy}\n`);
  if (json) {
    const plain = voices.map(({ name, id, shortName, engine, language, gender, wordTimes, sampleUrl }) => {
      const names = { name, ...(id && { id }), ...(shortName && { shortName }) };
      return { ...names, engine, language, gender, wordTimes, ...(sampleUrl && { sampleUrl }) };
    });
    await terminal.print(`${JSON.stringify({ voices: plain })}\n`);
  } else if (voices.length === 0) {
    const { noSuchVoices } = await import("./no-such-voices.js");
    const all = await list(create(ListVoicesRequestSchema, { tenant: request.tenant }));
    terminal.note(noSuchVoices(request, all.voices));
  } else {
    await terminal.print(`${table(voices, samples).join("\n")}\n`);
    if (server === undefined && !wanted.language && !wanted.engine && !wanted.gender)
      terminal.note(piperHint([...voices, ...failures]));
  }
}

/** How to get natural voices, if there are none. `voices`: and engines that failed. */
function piperHint(voices: readonly { readonly engine: string }[]): string {
  if (voices.some(({ engine }) => engine === "piper")) return "";
  const needed = voices.some(({ engine }) => engine === "espeak-ng") ? "" : " (espeak-ng must be installed as well)";
  return `Local neural voices: polyreel voices add <.onnx file or https address of a Piper voice>${needed}\n`;
}

async function localVoices(request: ListVoicesRequest): Promise<ListVoicesResponse> {
  const { localEngines } = await import("./local-engines.js");
  const { isWanted } = await import("@polyreel/tts/engines");
  const { unknownVoice } = await import("@polyreel/media/speech");
  const { DEFAULT_TENANT } = await import("@polyreel/spec");
  const engines = await (await localEngines()).of(request.tenant || DEFAULT_TENANT);
  const listing = await engines.list();
  if (listing.voices.length === 0) throw unknownVoice({}, listing);
  return { ...listing, voices: listing.voices.filter(isWanted(request)) };
}

async function serverVoices(server: string, request: ListVoicesRequest): Promise<ListVoicesResponse> {
  const { connectTo } = await import("../client/connection.js");
  const { call } = await import("../client/call.js");
  const connection = connectTo(server);
  try {
    return await call(connection, connection.voices.listVoices(request));
  } finally {
    connection.close();
  }
}

/** In the order of the list: the first voice is the default. */
const table = (voices: readonly Voice[], samples = false): string[] =>
  alignColumns([
    ["VOICE", "LANGUAGE", "GENDER", "ENGINE", ...(samples ? ["SAMPLE"] : [])],
    ...voices.map(({ name, language, gender, engine, sampleUrl }) => [
      ...[name, language, gender, engine],
      ...(samples ? [sampleUrl] : []),
    ]),
  ]);
