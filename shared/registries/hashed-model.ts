import { type HashedModel, modelDigest } from '../models/digest.ts';

/** What is to be registered: a model that was hashed before, or the path of one. */
export async function hashedModel(model: string | HashedModel, signal?: AbortSignal): Promise<HashedModel> {
  return typeof model === 'string' ? modelDigest(model, { signal }) : model;
}
