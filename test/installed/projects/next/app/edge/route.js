import { createPriceCatalog } from 'ai-composite';

export const runtime = 'edge';
export const dynamic = 'force-dynamic';

export async function GET() {
  return Response.json(await createPriceCatalog().lookUp({ provider: 'openai', modelId: 'gpt-6-luna' }));
}
