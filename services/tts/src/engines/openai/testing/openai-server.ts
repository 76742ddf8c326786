import { type ProviderServer, sendJson, startProviderServer } from "../../testing/provider-server.js";
import { spokenTone } from "../../testing/spoken-tone.js";
import { wavOf } from "../../wav.js";

const RATE = 16_000;

export const wavOfText = (text: string): Buffer => wavOf(spokenTone(text, RATE), RATE);

/** A local server with `/audio/speech`, as OpenAI and local servers have it. It requires no key, and refuses "wrong". */
export const startOpenAiServer = (): Promise<ProviderServer> =>
  startProviderServer(
    ({ headers }, response) => {
      if (headers.authorization === "Bearer wrong") sendJson(response, 401, { error: { code: "invalid_api_key" } });
      else sendJson(response, 404, { error: "no models here" });
    },
    ({ path, body }, response) => {
      if (path !== "/v1/audio/speech" || body.response_format !== "wav") return sendJson(response, 404, {});
      response.writeHead(200, { "content-type": "audio/wav" }).end(wavOfText(String(body.input)));
    },
  );
