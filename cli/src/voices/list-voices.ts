import type { ListVoicesResponse, Voice } from "@polyreel/contract";
import { alignColumns } from "../terminal/columns.js";
import type { Terminal } from "../terminal/terminal.js";

export interface VoicesOptions {
  /** This machine if omitted. */
  server?: string;
  json?: boolean | undefined;
}

/** `polyreel voices`: a table, or one JSON object. */
export async function listVoices({ server, json }: VoicesOptions, terminal: Terminal): Promise<void> {
  const { voices, failures } = server === undefined ? await localVoices() : await serverVoices(server);
  for (const { failure } of failures) terminal.note(`warning: ${failure?.reason}\n  remedy: ${failure?.remedy}\n`);
  if (json) {
    const plain = voices.map(({ name, engine, language, gender, wordTimes }) => {
      return { name, engine, language, gender, wordTimes };
    });
    await terminal.print(`${JSON.stringify({ voices: plain })}\n`);
  } else {
    await terminal.print(`${table(voices).join("\n")}\n`);
  }
}

async function localVoices(): Promise<ListVoicesResponse> {
  const { localEngines } = await import("./local-engines.js");
  const { unknownVoice } = await import("@polyreel/media/speech");
  const { DEFAULT_TENANT } = await import("@polyreel/spec");
  const listing = await (await (await localEngines()).of(DEFAULT_TENANT)).list();
  if (listing.voices.length === 0) throw unknownVoice("", listing);
  return listing;
}

async function serverVoices(server: string): Promise<ListVoicesResponse> {
  const { connectTo } = await import("../client/connection.js");
  const { call } = await import("../client/call.js");
  const connection = connectTo(server);
  try {
    return await call(connection, connection.voices.listVoices({}));
  } finally {
    connection.close();
  }
}

/** In the order of the list: the first voice is the default. */
const table = (voices: readonly Voice[]): string[] =>
  alignColumns([
    ["VOICE", "LANGUAGE", "GENDER", "ENGINE"],
    ...voices.map(({ name, language, gender, engine }) => [name, language, gender, engine]),
  ]);
