import {
  type ProviderServer,
  type ReceivedRequest,
  sendJson,
  startProviderServer,
} from "../../testing/provider-server.js";
import { PACE, spokenTone } from "../../testing/spoken-tone.js";
import { SpeechHistory } from "./speech-history.js";

/** Voices of the account; the list has a page for each. */
export const ACCOUNT = [
  {
    voice_id: "21m00Tcm4TlvDq8ikWAM",
    name: "Rachel",
    labels: { gender: "female", language: "en" },
    preview_url: "https://samples.example/rachel.mp3",
    settings: { stability: 0.3, similarity_boost: 0.9, use_speaker_boost: true },
  },
  {
    voice_id: "29vD33N1CtxCmqQRPOHJ",
    name: "Drew",
    labels: { gender: "male" },
    verified_languages: [{ locale: "en-US" }],
    preview_url: "http://samples.example/drew.mp3",
  },
  { voice_id: "5Q0t7uMcjvnagumLfvZi", name: "Drew", labels: {} },
];

const MODELS = [
  {
    model_id: "eleven_multilingual_v2",
    can_do_text_to_speech: true,
    maximum_text_length_per_request: 10_000,
    languages: [{ language_id: "en" }, { language_id: "de" }, { language_id: "ja" }],
  },
  {
    model_id: "eleven_flash_v2",
    can_do_text_to_speech: true,
    maximum_text_length_per_request: 200,
    languages: [{ language_id: "en" }],
  },
  { model_id: "eleven_english_sts_v2", can_do_text_to_speech: false },
];

/** An answer as the API gives it: sound in Base64, and times of the characters. */
export function speechOf(text: string, rate = 24_000) {
  const characters = [...text];
  return {
    audio_base64: spokenTone(text, rate).toString("base64"),
    alignment: {
      characters,
      character_start_times_seconds: characters.map((_, i) => i / PACE),
      character_end_times_seconds: characters.map((_, i) => (i + 1) / PACE),
    },
  };
}

/** A local server that speaks ElevenLabs' protocol. It takes any key but "wrong". Voices may leave the account while it runs. */
export async function startElevenLabsServer(account: typeof ACCOUNT = ACCOUNT): Promise<ElevenLabsServer> {
  const history = new SpeechHistory();
  const server = await startProviderServer(
    ({ path, headers }, response) => {
      if (!headers["xi-api-key"] || headers["xi-api-key"] === "wrong") return refuse(response, 401, "invalid_api_key");
      const { pathname, searchParams } = new URL(path, "http://x");
      if (pathname === "/v1/models") return sendJson(response, 200, MODELS);
      if (pathname.startsWith("/v1/history")) return history.answer({ pathname, searchParams }, response);
      if (pathname !== "/v2/voices") return refuse(response, 404, "not_found");
      const page = Number(searchParams.get("next_page_token") ?? 0);
      const more = page + 1 < account.length && { has_more: true, next_page_token: String(page + 1) };
      sendJson(response, 200, { voices: account.slice(page, page + 1), has_more: false, ...more });
    },
    (request, response) => {
      const { path, headers, body } = request;
      if (headers["xi-api-key"] === "wrong") return refuse(response, 401, "invalid_api_key");
      const voice = voiceIn(path);
      if (!account.some(({ voice_id }) => voice_id === voice)) return refuse(response, 404, "voice_not_found");
      history.add(voice, body);
      sendJson(response, 200, speechOf(String(body.text)));
    },
  );
  return Object.assign(server, {
    history,
    speakUnheard: ({ path, body }: ReceivedRequest) => history.add(voiceIn(path), body),
  });
}

interface ElevenLabsServer extends ProviderServer {
  readonly history: SpeechHistory;
  /** For `next`: makes the speech, and never answers. */
  speakUnheard(request: ReceivedRequest): void;
}

const voiceIn = (path: string): string =>
  /^\/v1\/text-to-speech\/([\w-]+)\/with-timestamps\?output_format=pcm_24000$/.exec(path)?.[1] ?? "";

/** A refusal as the API gives it, which quotes the key and the text. */
export const refuse = (
  response: Parameters<typeof sendJson>[0],
  status: number,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): void => {
  const { "xi-api-key": key } = response.req.headers;
  sendJson(response, status, { detail: { status: reason, message: `The key ${String(key)} may not.` } }, headers);
};
