/**
 * Commands of each package manager, quiet and non-interactive.
 *
 * @typedef {import("./requirements.mjs").Manager} Manager
 * @typedef {import("./requirements.mjs").Requirement} Requirement
 */
const MANAGERS = {
  "apt-get": {
    asRoot: true,
    refresh: ["apt-get", "update", "-q"],
    // Recommended packages would include a desktop.
    install: ["apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"],
    environment: ["DEBIAN_FRONTEND=noninteractive"],
    toType: "apt-get install",
  },
  dnf: { asRoot: true, install: ["dnf", "install", "-y", "-q"], toType: "dnf install" },
  apk: { asRoot: true, install: ["apk", "add", "--no-cache", "-q"], toType: "apk add" },
  brew: { asRoot: false, install: ["brew", "install", "--quiet"], toType: "brew install" },
};

/** @param {(name: string) => boolean} hasProgram @returns {Manager | undefined} */
export const findManager = (hasProgram) => Object.keys(MANAGERS).find(hasProgram);

/**
 * The packages for the requirements, and the requirements without a package of this manager.
 *
 * @param {Requirement[]} requirements
 * @param {Manager | undefined} manager
 */
export function packagesFor(requirements, manager) {
  const known = manager ? requirements.filter(({ packages }) => packages[manager]) : [];
  return {
    packages: known.flatMap(({ packages }) => packages[manager] ?? []),
    unpackaged: requirements.filter((requirement) => !known.includes(requirement)),
  };
}

/**
 * The command that installs packages, and the one that refreshes package lists before, if there are any, each as program
 * and arguments; undefined without permission: neither root nor allowed to become it without a password.
 *
 * @param {Manager} manager @param {string[]} packages @param {{isRoot: boolean, mayBecomeRoot: boolean}} rights
 */
export function installCommands(manager, packages, { isRoot, mayBecomeRoot }) {
  const { asRoot, refresh, install, environment = [] } = MANAGERS[manager];
  const needsSudo = asRoot && !isRoot;
  if (needsSudo && !mayBecomeRoot) return undefined;
  const prefix = [...(needsSudo ? ["sudo", "-n"] : []), ...(environment.length > 0 ? ["env", ...environment] : [])];
  return {
    ...(refresh && { refresh: [...prefix, ...refresh] }),
    install: [...prefix, ...install, ...packages],
  };
}

/**
 * The commands that stop what packages have started, and keep it from being started again: on this machine it would be
 * open to the network.
 *
 * @param {Requirement[]} requirements @param {{isRoot: boolean}} rights
 */
export const disableCommands = (requirements, { isRoot }) =>
  requirements.flatMap(({ unit }) =>
    unit ? [[...(isRoot ? [] : ["sudo", "-n"]), "systemctl", "disable", "--now", unit]] : [],
  );

/** The command for people to install packages. @param {Manager} manager @param {string[]} packages @param {boolean} isRoot */
export function commandToType(manager, packages, isRoot) {
  const { asRoot, toType } = MANAGERS[manager];
  return [...(asRoot && !isRoot ? ["sudo"] : []), toType, ...packages].join(" ");
}
