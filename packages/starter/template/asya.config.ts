import { defineConfig } from '@asya/sdk'

/** Read without being run, by `asya build` and `asya dev`: literals alone. */
export default defineConfig({
  image: { registry: 'registry.example.com/asya-project', tag: '0.1.0' },
  namespace: 'default',
  defaults: { timeout: '2m' },
  environments: {
    production: { namespace: 'asya-project', defaults: { resources: { memory: '256Mi' } } },
  },
})
