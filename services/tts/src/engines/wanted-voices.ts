import type { ListVoicesRequest, Voice } from "@polyreel/contract";
import { speaksLanguage } from "@polyreel/media/speech";

/** Whether a voice has what a request asks for; in any letter case. A voice of several languages speaks any. */
export const isWanted =
  ({ language, engine, gender }: Pick<ListVoicesRequest, "language" | "engine" | "gender">) =>
  (voice: Voice): boolean =>
    (language === "" || speaksLanguage(voice.language, language)) &&
    (engine === "" || voice.engine === engine) &&
    (gender === "" || voice.gender === gender.toLowerCase());
