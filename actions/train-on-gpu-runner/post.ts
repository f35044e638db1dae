import { runPost } from '../../shared/runtime/run-post.ts';
import { definition } from './main.ts';

await runPost(definition);
