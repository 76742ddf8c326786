/**
 * Variables that programs need: paths of programs, libraries, fonts and temporary files, and the locale. On Windows nothing
 * starts without SYSTEMROOT.
 */
const PASSED: ReadonlySet<string> = new Set([
  ...["PATH", "HOME", "TMPDIR", "LANG", "LANGUAGE", "TZ"],
  ...["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"], // For a custom ffmpeg.
  ...["FONTCONFIG_PATH", "FONTCONFIG_FILE", "ESPEAK_DATA_PATH"],
  ...["SYSTEMROOT", "PATHEXT", "TEMP", "TMP"],
]);

/**
 * espeak-ng connects to the desktop's sound server when it starts, even to write a file, and PulseAudio's library then
 * leaves a folder among the temporary files.
 */
const NO_SOUND_SERVER = { PULSE_SERVER: "unix:/dev/null" };

/**
 * The environment of programs that we start: only the variables they need. Ours also has passwords of database and event
 * stream, keys of stores and headers of trace receivers, and a program that a hostile file takes over cannot leak what it
 * never received. Read each time, because tests change it.
 */
export const childEnvironment = (ours: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(ours).filter(([name]) => PASSED.has(name.toUpperCase()) || /^LC_[A-Z]+$/.test(name)),
  ),
  ...NO_SOUND_SERVER,
});
