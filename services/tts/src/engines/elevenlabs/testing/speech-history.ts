import type { ServerResponse } from "node:http";
import { runFfmpeg } from "@polyreel/media/ffmpeg";
import { sendJson } from "../../testing/provider-server.js";
import { spokenTone } from "../../testing/spoken-tone.js";

interface Item {
  readonly history_item_id: string;
  readonly date_unix: number;
  readonly text: string;
  readonly voice_id: string;
  readonly model_id: string;
  readonly state: "created" | "processing" | "deleted";
  readonly settings: object | null;
  readonly source: "TTS";
}

/** What an account has generated, as the API lists it. */
export class SpeechHistory {
  /** The oldest first. */
  readonly items: Item[] = [];
  /** Texts whose sound was fetched. */
  readonly recovered: string[] = [];
  /** Instead of each sound. */
  sound: Buffer | undefined;
  /** An answer of this status instead. */
  refusal = 0;

  add(voice: string, { text, model_id, voice_settings }: Readonly<Record<string, unknown>>, more: Partial<Item> = {}) {
    const settings = { stability: 0.3, similarity_boost: 0.9, ...(voice_settings as object | undefined) };
    this.items.push({
      ...{ history_item_id: `item-${this.items.length}`, date_unix: Math.floor(Date.now() / 1000), voice_id: voice },
      ...{ text: String(text), model_id: String(model_id), state: "created", settings, source: "TTS", ...more },
    });
  }

  async answer(
    { pathname, searchParams }: Pick<URL, "pathname" | "searchParams">,
    response: ServerResponse,
  ): Promise<void> {
    const [, id] = /^\/v1\/history\/([\w-]+)\/audio$/.exec(pathname) ?? [];
    const item = this.items.find(({ history_item_id }) => history_item_id === id);
    if (this.refusal) sendJson(response, this.refusal, { detail: { status: "missing_permissions" } });
    else if (id === undefined) sendJson(response, 200, this.#page(searchParams));
    else if (item) await this.#send(item, response);
    else sendJson(response, 404, { detail: { status: "history_item_not_found" } });
  }

  async #send({ text }: Item, response: ServerResponse): Promise<void> {
    this.recovered.push(text);
    const sound = this.sound ?? (await mp3Of(text));
    response.writeHead(200, { "content-type": "audio/mpeg" }).end(sound);
  }

  /** The newest first. */
  #page(query: URLSearchParams) {
    const all = this.items
      .filter(({ voice_id, model_id, date_unix }) => {
        const isRecent = date_unix >= Number(query.get("date_after_unix"));
        return isRecent && voice_id === query.get("voice_id") && model_id === query.get("model_id");
      })
      .reverse();
    const after = query.get("start_after_history_item_id");
    const rest = all.slice(all.findIndex(({ history_item_id }) => history_item_id === after) + 1);
    const history = rest.slice(0, Number(query.get("page_size")));
    const last_history_item_id = history.at(-1)?.history_item_id ?? null;
    return { history, last_history_item_id, has_more: history.length < rest.length };
  }
}

const RATE = 24_000;

async function mp3Of(text: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await runFfmpeg({
    inputs: [{ stdin: true, options: ["-f", "s16le", "-ar", String(RATE), "-ac", "1"] }],
    outputs: [{ stdout: true, options: ["-f", "mp3"] }],
    stdin: [spokenTone(text, RATE)],
    onStdout: (chunk) => void chunks.push(chunk),
    ...{ signal: new AbortController().signal, deadlineSeconds: 60, maxOutputBytes: 1 << 24 },
  });
  return Buffer.concat(chunks);
}
