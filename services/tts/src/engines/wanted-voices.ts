import type { ListVoicesRequest, Voice } from "@polyreel/contract";
import { MULTILINGUAL } from "./provider/provider-settings.js";

/** Whether a voice has what a request asks for; in any letter case. A voice of several languages speaks any. */
export const isWanted =
  ({ language, engine, gender }: Pick<ListVoicesRequest, "language" | "engine" | "gender">) =>
  (voice: Voice): boolean =>
    (language === "" ||
      voice.language === MULTILINGUAL ||
      isWithin(voice.language.toLowerCase(), language.toLowerCase())) &&
    (engine === "" || voice.engine === engine) &&
    (gender === "" || voice.gender === gender.toLowerCase());

/** Whether a language is the wanted one, or a variety of it: "en-us" of "en", but not "en" of "en-us". */
const isWithin = (language: string, wanted: string): boolean =>
  language === wanted || language.startsWith(`${wanted}-`);
