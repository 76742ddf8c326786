/**
 * Programs and fonts that npm does not provide: how to detect them, and their packages. `elsewhere` states the source
 * for systems that do not package them.
 *
 * @typedef {"apt-get" | "dnf" | "apk" | "brew"} Manager
 * @typedef {object} Requirement
 * @property {string} name
 * @property {string} purpose
 * @property {string[]} [programs] All of them are needed.
 * @property {string[]} [alternatives] One of them is needed.
 * @property {RegExp[]} [fonts] A font file of each of these names is needed, on Linux only: other systems have theirs.
 * @property {{command: string[], text: RegExp}} [prints] The command must print such text.
 * @property {Partial<Record<Manager, string[]>>} packages
 * @property {string} [unit] A service of systemd that its package starts, and that tests do not use.
 * @property {string} elsewhere
 */

/** @type {Requirement[]} Requirements of Polyreel. */
export const runtimeRequirements = [
  {
    name: "ffmpeg",
    purpose: "encodes clips and sound",
    programs: ["ffmpeg", "ffprobe"],
    packages: { "apt-get": ["ffmpeg"], dnf: ["ffmpeg"], apk: ["ffmpeg"], brew: ["ffmpeg"] },
    elsewhere: "a build with libx264: https://ffmpeg.org/download.html (Fedora: enable RPM Fusion first)",
  },
  {
    name: "nats-server",
    purpose: "carries the messages between the services",
    programs: ["nats-server"],
    packages: { "apt-get": ["nats-server"], apk: ["nats-server"], brew: ["nats-server"] },
    elsewhere: "2.9.10 or newer: https://github.com/nats-io/nats-server/releases",
  },
  {
    name: "espeak-ng",
    purpose: "speaks 130 languages",
    programs: ["espeak-ng"],
    packages: { "apt-get": ["espeak-ng"], dnf: ["espeak-ng"], apk: ["espeak-ng"], brew: ["espeak-ng"] },
    elsewhere: "https://github.com/espeak-ng/espeak-ng",
  },
  {
    name: "flite",
    purpose: "speaks clear English",
    programs: ["flite"],
    packages: { "apt-get": ["flite"], dnf: ["flite"], apk: ["flite"], brew: ["flite"] },
    elsewhere: "https://github.com/festvox/flite",
  },
  {
    name: "Noto fonts",
    purpose: "draw text of any script, and emoji",
    fonts: [/^NotoSans-?(Regular|\[)/, /^NotoSansCJK/, /^NotoColorEmoji|^Noto-COLRv1/],
    packages: {
      "apt-get": ["fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji"],
      dnf: ["google-noto-sans-fonts", "google-noto-sans-cjk-fonts", "google-noto-color-emoji-fonts"],
      apk: ["font-noto", "font-noto-cjk", "font-noto-emoji"],
    },
    elsewhere: "https://fonts.google.com/noto",
  },
  {
    name: "DejaVu fonts",
    purpose: "are the other families that examples name",
    fonts: [/^DejaVuSans\./, /^DejaVuSansMono\./, /^DejaVuSerif\./],
    packages: {
      "apt-get": ["fonts-dejavu-core"],
      dnf: ["dejavu-sans-fonts", "dejavu-sans-mono-fonts", "dejavu-serif-fonts"],
      apk: ["font-dejavu"],
    },
    elsewhere: "https://dejavu-fonts.github.io",
  },
];

/** @type {Requirement[]} Requirements of some tests, which are skipped without them. */
export const testRequirements = [
  {
    name: "libheif's programs",
    purpose: "read pictures of phones (HEIC), and AVIF with transparency; Polyreel refuses those without it",
    programs: ["heif-enc"],
    packages: {
      "apt-get": ["libheif-examples"],
      dnf: ["libheif-tools"],
      apk: ["libheif-tools"],
      brew: ["libheif"],
    },
    elsewhere: "https://github.com/strukturag/libheif",
  },
  {
    name: "libheif's encoders",
    purpose: "make pictures of phones for tests",
    prints: { command: ["heif-enc", "--list-encoders"], text: /x265[\s\S]*aom|aom[\s\S]*x265/ },
    // Separate packages from Debian 13 on.
    packages: { "apt-get": ["libheif-plugin-x265", "libheif-plugin-aomenc"] },
    elsewhere: "https://github.com/strukturag/libheif",
  },
  {
    name: "pocketsphinx",
    purpose: "recognises the voices in finished videos",
    programs: ["pocketsphinx_continuous"],
    packages: { "apt-get": ["pocketsphinx", "pocketsphinx-en-us"] },
    elsewhere: "https://github.com/cmusphinx/pocketsphinx",
  },
  {
    name: "pip",
    purpose: "fetches the newest ffmpeg, which tests run beside the system's, and a server of S3",
    programs: ["python3", "pip3"],
    packages: { "apt-get": ["python3-pip"], dnf: ["python3-pip"], apk: ["py3-pip"], brew: ["python3"] },
    elsewhere: "https://pip.pypa.io",
  },
  {
    name: "PostgreSQL",
    purpose: "keeps the read model of several gateways",
    // Debian keeps the server itself out of the PATH.
    alternatives: ["pg_ctlcluster", "postgres"],
    packages: { "apt-get": ["postgresql"], dnf: ["postgresql-server"] },
    elsewhere: "https://www.postgresql.org/download",
  },
  {
    name: "openssl",
    purpose: "makes certificates",
    programs: ["openssl"],
    packages: { "apt-get": ["openssl"], dnf: ["openssl"], apk: ["openssl"], brew: ["openssl"] },
    elsewhere: "https://www.openssl.org",
  },
  {
    name: "nginx",
    purpose: "stands before a gateway, as deploy/nginx describes",
    programs: ["nginx"],
    packages: { "apt-get": ["nginx-light"], dnf: ["nginx-core"], apk: ["nginx"], brew: ["nginx"] },
    elsewhere: "1.22 or newer: https://nginx.org",
  },
  {
    name: "chromium",
    purpose: "plays finished videos through",
    alternatives: ["chromium", "chromium-browser", "google-chrome"],
    packages: { "apt-get": ["chromium"], dnf: ["chromium"], apk: ["chromium"] },
    elsewhere: "https://www.chromium.org/getting-involved/download-chromium",
  },
  {
    name: "Prometheus",
    purpose: "checks the alerts, and fires them",
    programs: ["prometheus", "promtool"],
    packages: { "apt-get": ["prometheus"], apk: ["prometheus"], brew: ["prometheus"] },
    unit: "prometheus",
    elsewhere: "https://prometheus.io/download",
  },
];

/** @type {Requirement[]} Requirements of creating other systems. */
export const systemsRequirements = [
  {
    name: "mmdebstrap",
    purpose: "makes a minimal Debian in a folder",
    programs: ["mmdebstrap"],
    packages: { "apt-get": ["mmdebstrap"] },
    elsewhere: "https://gitlab.mister-muffin.de/josch/mmdebstrap (Debian and Ubuntu have it)",
  },
  {
    name: "util-linux",
    purpose: "runs programs in name spaces of their own",
    programs: ["unshare"],
    packages: { "apt-get": ["util-linux"] },
    elsewhere: "https://github.com/util-linux/util-linux",
  },
];

/**
 * The requirements that are not met.
 *
 * @param {Requirement[]} requirements
 * @param {{hasProgram(name: string): boolean, fontFiles: string[] | undefined, outputOf?(command: string[]): string}} system
 *   `fontFiles`: names of the font files found, undefined if the system has its own fonts. `outputOf`: the output of a
 *   command.
 */
export function missingOf(requirements, { hasProgram, fontFiles, outputOf = () => "" }) {
  const met = ({ programs = [], alternatives, fonts = [], prints }) =>
    programs.every(hasProgram) &&
    (prints === undefined || prints.text.test(outputOf(prints.command))) &&
    (alternatives?.some(hasProgram) ?? true) &&
    (fontFiles === undefined || fonts.every((font) => fontFiles.some((file) => font.test(file))));
  return requirements.filter((requirement) => !met(requirement));
}
