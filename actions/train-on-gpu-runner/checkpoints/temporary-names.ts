/** Names by which programs say that a file is not done yet, or that it is no part of a checkpoint. */

const TEMPORARY = [
  /\.(tmp|temp)([._-]|\d|$)/i,
  /\.(partial|incomplete|part|crdownload|swp|swx)$/i,
  /~$/,
  // Python's tempfile, and C's mkstemp as it is mostly used.
  /^\.?tmp[a-z0-9_]{6,8}$/i,
  // Hugging Face's folder while it is being written, and Orbax'.
  /^tmp-checkpoint-/,
  /orbax-checkpoint-tmp/,
  // Removed on another machine of a network disk while it is open here.
  /^\.nfs[0-9a-f]+$/,
];

/** Whether a file or folder of this name (one part of a path) is not done yet. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.some((pattern) => pattern.test(name));
}

/** Logs grow all the time; a folder is still although they do. */
export function isLogName(name: string): boolean {
  return /^events\.out\.tfevents\./.test(name) || /\.log$/i.test(name);
}
