/**
 * Variables of hosting platforms and CI systems that tell an option where the
 * application does not. In each list what speaks of the running process stands
 * before what speaks of a build, and names that anybody may use come last.
 */
import type { PlatformVariables } from './option-row.js';

/**
 * The commit that was deployed. All that Langfuse's former JavaScript client
 * (`getCommonReleaseEnvs`) and its Python SDK read, and of those that Sentry
 * reads the ones of services that still run Node.js.
 */
export const releaseVariables: PlatformVariables = {
  names: [
    // Vercel
    'VERCEL_GIT_COMMIT_SHA',
    'NEXT_PUBLIC_VERCEL_GIT_COMMIT_SHA',
    // Railway
    'RAILWAY_GIT_COMMIT_SHA',
    // Render
    'RENDER_GIT_COMMIT',
    // Heroku; the second one is the older and deprecated.
    'HEROKU_BUILD_COMMIT',
    'HEROKU_SLUG_COMMIT',
    // Northflank
    'NF_DEPLOYMENT_SHA',
    // Flightcontrol
    'FC_GIT_COMMIT_SHA',
    // AWS Amplify
    'AWS_COMMIT_ID',
    // Cloudflare Pages
    'CF_PAGES_COMMIT_SHA',
    // Trigger.dev
    'TRIGGER_DEPLOYMENT_ID',
    // GitHub Actions
    'GITHUB_SHA',
    // GitLab CI, Woodpecker
    'CI_COMMIT_SHA',
    // Bitbucket Pipelines
    'BITBUCKET_COMMIT',
    // CircleCI
    'CIRCLE_SHA1',
    // Buildkite
    'BUILDKITE_COMMIT',
    // Azure Pipelines
    'BUILD_SOURCEVERSION',
    // AWS CodeBuild
    'CODEBUILD_RESOLVED_SOURCE_VERSION',
    // Travis CI
    'TRAVIS_COMMIT',
    // Drone
    'DRONE_COMMIT_SHA',
    // Semaphore
    'SEMAPHORE_GIT_SHA',
    // AppVeyor
    'APPVEYOR_REPO_COMMIT',
    // Heroku's builds
    'SOURCE_VERSION',
    // Coolify
    'SOURCE_COMMIT',
    // Jenkins
    'GIT_COMMIT',
    // Netlify
    'COMMIT_REF',
    // AWS Amplify, by convention
    'REACT_APP_GIT_SHA',
    // TeamCity
    'BUILD_VCS_NUMBER',
  ],
};

/**
 * The environment that the process runs in, by the name it has on its platform.
 *
 * Not `NODE_ENV`: it says how code is built and run, `production` on every
 * server, and Langfuse can neither rename nor delete an environment once data
 * has named it. Not a CI job's environment (GitLab's `CI_ENVIRONMENT_NAME`): it
 * is where the job deploys to, not where the process runs.
 */
export const environmentVariables: PlatformVariables = {
  names: [
    // Vercel; the first one also knows custom environments.
    'VERCEL_TARGET_ENV',
    'VERCEL_ENV',
    // Railway
    'RAILWAY_ENVIRONMENT_NAME',
    // Upsun (Platform.sh)
    'PLATFORM_ENVIRONMENT_TYPE',
  ],
  // As the server would store it.
  normalize: (text) => text.toLowerCase(),
};
