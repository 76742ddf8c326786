/**
 * What a program needs of our environment: where it, its libraries, its fonts and its temporary files lie, and which language
 * it speaks. On Windows nothing starts without SYSTEMROOT.
 */
const PASSED: ReadonlySet<string> = new Set([
  ...["PATH", "HOME", "TMPDIR", "LANG", "LANGUAGE", "TZ"],
  ...["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"], // an ffmpeg of one's own
  ...["FONTCONFIG_PATH", "FONTCONFIG_FILE", "ESPEAK_DATA_PATH"],
  ...["SYSTEMROOT", "PATHEXT", "TEMP", "TMP"],
]);

/**
 * The environment of programs that we start: no more of ours than what they need. Passwords of database and event stream,
 * keys of stores and headers of trace receivers stand there too, and whatever a hostile file makes a program do, it can't
 * tell what it was never told. Read anew each time, for tests change it.
 */
export const childEnvironment = (ours: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(ours).filter(([name]) => PASSED.has(name.toUpperCase()) || /^LC_[A-Z]+$/.test(name)),
  );
