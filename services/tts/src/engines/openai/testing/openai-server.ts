import { type ProviderServer, sendJson, startProviderServer } from "../../testing/provider-server.js";
import { spokenTone } from "../../testing/spoken-tone.js";
import { wavOf } from "../../wav.js";

const RATE = 16_000;

export const wavOfText = (text: string): Buffer => wavOf(spokenTone(text, RATE), RATE);

/** What the server hears in every recording: a word every half second. */
export const HEARD = "Half price today";

/**
 * A local server with `/audio/speech` and `/audio/transcriptions`, as OpenAI and local servers have them. It requires no
 * key, and refuses "wrong".
 */
export const startOpenAiServer = (): Promise<ProviderServer> =>
  startProviderServer(
    ({ headers }, response) => {
      if (headers.authorization === "Bearer wrong") sendJson(response, 401, { error: { code: "invalid_api_key" } });
      else sendJson(response, 404, { error: "no models here" });
    },
    ({ path, body }, response) => {
      if (path === "/v1/audio/transcriptions") return sendJson(response, 200, transcription());
      if (path !== "/v1/audio/speech" || body.response_format !== "wav") return sendJson(response, 404, {});
      response.writeHead(200, { "content-type": "audio/wav" }).end(wavOfText(String(body.input)));
    },
  );

function transcription(): object {
  const words = HEARD.split(" ").map((word, i) => ({ word, start: i / 2, end: i / 2 + 0.4 }));
  return { task: "transcribe", language: "english", duration: 2, text: HEARD, words, segments: [] };
}
