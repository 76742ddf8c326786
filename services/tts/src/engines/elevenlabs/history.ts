import { fieldsOf, type ProviderClient, parsed } from "../provider/provider-client.js";
import { uselessAnswer } from "../provider/provider-faults.js";
import { parseSound } from "../provider/sound-answer.js";

/** Speech as the account's history describes it. */
export interface Generated {
  readonly voiceId: string;
  readonly modelId: string;
  /** As it was sent. */
  readonly text: string;
  /** By the API's names. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** It was generated since then. */
  readonly since: Date;
}

/** The provider's clock may be so much behind. */
const SKEW_SECONDS = 60;
const PAGE = 100;
/** 1,000 lines of one voice and model: more than are spoken while a killed service starts again. */
const MAX_PAGES = 10;
const ID = /^[\w-]{1,100}$/;

/** The sound of the newest such item; undefined if there is none. Throws as `ProviderClient.send`. */
export async function findGenerated(
  client: ProviderClient,
  name: string,
  wanted: Generated,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const since = Math.floor(wanted.since.getTime() / 1000) - SKEW_SECONDS;
  let after = "";
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    // Not `search`, whose index need neither be up to date nor exact.
    const query = new URLSearchParams({
      ...{ page_size: String(PAGE), source: "TTS", date_after_unix: String(since) },
      ...{ voice_id: wanted.voiceId, model_id: wanted.modelId, ...(after && { start_after_history_item_id: after }) },
    });
    const { bytes } = await client.send({ method: "GET", path: `/v1/history?${query}`, signal });
    const { history, has_more, last_history_item_id: last } = fieldsOf(parsed(bytes));
    if (!Array.isArray(history)) throw uselessAnswer(name, "its history can't be read");
    const found = history.map(fieldsOf).find((item) => Number(item.date_unix) >= since && isOf(item, wanted));
    if (found) {
      const path = `/v1/history/${String(found.history_item_id)}/audio`;
      return parseSound(name, await client.send({ method: "GET", path, signal }));
    }
    if (has_more !== true || typeof last !== "string" || last === after) return undefined;
    after = last;
  }
  return undefined;
}

type Item = Readonly<Record<string, unknown>>;

const isOf = (item: Item, { voiceId, modelId, text, settings }: Generated): boolean =>
  item.state === "created" &&
  typeof item.history_item_id === "string" &&
  ID.test(item.history_item_id) &&
  item.voice_id === voiceId &&
  item.model_id === modelId &&
  item.text === text &&
  SETTINGS.every((setting) => isSame(setting, fieldsOf(item.settings)[setting.name], settings[setting.name]));

/** What changes the speech of a text; two have values where none is stated. */
const SETTINGS: readonly Setting[] = [
  { name: "stability" },
  { name: "similarity_boost" },
  { name: "style", byDefault: 0 },
  { name: "speed", byDefault: 1 },
];
const SAME_WITHIN = 0.005;

interface Setting {
  readonly name: string;
  readonly byDefault?: number;
}

/** One that neither side states can't be compared. */
function isSame({ byDefault }: Setting, one: unknown, other: unknown): boolean {
  const [a, b] = [one, other].map((value) => (typeof value === "number" ? value : byDefault));
  return a === undefined || b === undefined || Math.abs(a - b) < SAME_WITHIN;
}
