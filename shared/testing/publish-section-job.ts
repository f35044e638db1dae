/** A job of its own process that publishes the section given in SECTION_HEADING and SECTION_ACTION, for tests of races. */
import { publishSection } from '../github/publish.ts';
import { ACTION_IDS } from '../records/envelope.ts';
import { sampleSection } from './sample-sections.ts';

const action = ACTION_IDS.find((id) => id === process.env.SECTION_ACTION);
if (!action) throw new Error('SECTION_ACTION is missing');
const section = sampleSection({ action, heading: process.env.SECTION_HEADING ?? '' });
const published = await publishSection({ section, env: process.env, token: process.env.GITHUB_TOKEN });
process.stdout.write(JSON.stringify(published));
