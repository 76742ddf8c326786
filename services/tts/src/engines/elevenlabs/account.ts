import { create } from "@bufbuild/protobuf";
import { type SpeechModel, SpeechModelSchema } from "@polyreel/contract";
import { fieldsOf, type ProviderClient, parsed } from "../provider/provider-client.js";
import { uselessAnswer } from "../provider/provider-faults.js";

/** A voice of an account. */
export interface AccountVoice {
  readonly name: string;
  readonly id: string;
  /** BCP 47; empty if the account does not state it. */
  readonly language: string;
  readonly gender: "female" | "male" | "";
  /** Address of a sample; empty if there is none. */
  readonly sampleUrl: string;
  /** Saved in the account, by the API's names. */
  readonly saved: Readonly<Record<string, unknown>>;
}

const PAGE = 100;
/** 10,000 voices: no account has as many. */
const MAX_PAGES = 100;
const ID = /^[\w-]{1,100}$/;
const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/;

/** The voices of the key's account. Throws as `ProviderClient.send`. */
export async function listAccountVoices(
  client: ProviderClient,
  name: string,
  signal: AbortSignal,
): Promise<AccountVoice[]> {
  const found: AccountVoice[] = [];
  let page = "";
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const query = new URLSearchParams({ page_size: String(PAGE), ...(page && { next_page_token: page }) });
    const { bytes } = await client.send({ method: "GET", path: `/v2/voices?${query}`, signal });
    const { voices, has_more, next_page_token } = fieldsOf(parsed(bytes));
    if (!Array.isArray(voices)) throw uselessAnswer(name, "its list of voices can't be read");
    found.push(...voices.flatMap((voice) => voiceOf(fieldsOf(voice)) ?? []));
    if (has_more !== true || typeof next_page_token !== "string" || next_page_token === page) break;
    page = next_page_token;
  }
  return found;
}

/** The models that speak. Throws as `ProviderClient.send`. */
export async function listModels(client: ProviderClient, name: string, signal: AbortSignal): Promise<SpeechModel[]> {
  const { bytes } = await client.send({ method: "GET", path: "/v1/models", signal });
  const models = parsed(bytes);
  if (!Array.isArray(models)) throw uselessAnswer(name, "its list of models can't be read");
  return models.map(fieldsOf).flatMap((model) => (model.can_do_text_to_speech === true ? modelOf(name, model) : []));
}

function voiceOf(voice: Readonly<Record<string, unknown>>): AccountVoice | undefined {
  const { voice_id: id, name, labels, verified_languages: verified, settings, preview_url: preview } = voice;
  if (typeof id !== "string" || !ID.test(id)) return undefined;
  const { gender, language } = fieldsOf(labels);
  const [first] = Array.isArray(verified) ? verified.map(fieldsOf) : [];
  const languages = [first?.locale, first?.language, language];
  return {
    name: shownName(name) || id,
    id,
    language: languages.find((one): one is string => typeof one === "string" && LANGUAGE.test(one)) ?? "",
    gender: gender === "female" || gender === "male" ? gender : "",
    sampleUrl: typeof preview === "string" && isSample(preview) ? preview : "",
    saved: fieldsOf(settings),
  };
}

const MAX_URL = 2_000;

/** Clients open it as it is: https, without credentials. */
function isSample(text: string): boolean {
  if (text.length > MAX_URL || /[\s\p{C}]/u.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return protocol === "https:" && username === "" && password === "";
}

/** Names are chosen by people: control characters are left out, so that they can be listed. */
const shownName = (name: unknown): string =>
  typeof name === "string"
    ? name
        .replace(/\p{C}+/gu, " ")
        .trim()
        .slice(0, 100)
    : "";

function modelOf(
  engine: string,
  { model_id, languages, maximum_text_length_per_request: most }: Readonly<Record<string, unknown>>,
): SpeechModel {
  const ids = Array.isArray(languages) ? languages.map((one) => fieldsOf(one).language_id) : [];
  return create(SpeechModelSchema, {
    ...{ engine, name: String(model_id) },
    maxCharacters: typeof most === "number" && Number.isSafeInteger(most) && most > 0 ? BigInt(most) : 0n,
    languages: ids.filter((one): one is string => typeof one === "string" && LANGUAGE.test(one)),
  });
}
