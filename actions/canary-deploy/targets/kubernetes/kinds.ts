/** The kinds of objects that the target reads and writes, and what it looks at in them. The rest is kept as it is. */

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
}

export interface KubernetesObject {
  metadata: {
    name: string;
    resourceVersion?: string;
    /** Grows with each change of `spec`. */
    generation?: number;
    annotations?: Record<string, string>;
    labels?: Record<string, string>;
  };
}

export interface EnvironmentVariable {
  name: string;
  value?: string;
  valueFrom?: object;
}

export interface Container {
  name: string;
  image?: string;
  env?: EnvironmentVariable[];
}

export interface Deployment extends KubernetesObject {
  spec: {
    replicas?: number;
    selector: { matchLabels?: Record<string, string> };
    template: { spec?: { containers: Container[] } };
  };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    conditions?: Condition[];
  };
}

export interface Pod extends KubernetesObject {
  status?: { phase?: string; conditions?: Condition[]; containerStatuses?: ContainerStatus[] };
}

interface ContainerStatus {
  name: string;
  state?: { waiting?: { reason?: string; message?: string } };
  lastState?: { terminated?: { reason?: string; exitCode?: number } };
}

export interface Autoscaler extends KubernetesObject {
  spec: { scaleTargetRef: { kind: string; name: string }; minReplicas?: number; maxReplicas: number };
}

export interface BackendRef {
  group?: string;
  kind?: string;
  namespace?: string;
  name: string;
  port?: number;
  /** 1 when left out. */
  weight?: number;
  filters?: object[];
}

export interface RouteFilter {
  type: string;
  requestMirror?: { backendRef: BackendRef };
}

export interface RouteRule {
  backendRefs?: BackendRef[];
  filters?: RouteFilter[];
}

export interface HttpRoute extends KubernetesObject {
  spec: { hostnames?: string[]; rules?: RouteRule[] };
  status?: {
    parents?: { controllerName: string; parentRef: { name: string }; conditions?: Condition[] }[];
  };
}

export interface RevisionTraffic {
  revisionName?: string;
  latestRevision?: boolean;
  percent?: number;
}

export interface InferenceService extends KubernetesObject {
  spec: {
    predictor: {
      canaryTrafficPercent?: number;
      model?: { storageUri?: string; env?: EnvironmentVariable[] };
    };
  };
  status?: {
    observedGeneration?: number;
    url?: string;
    deploymentMode?: string;
    conditions?: Condition[];
    components?: Record<
      string,
      {
        latestCreatedRevision?: string;
        latestReadyRevision?: string;
        latestRolledoutRevision?: string;
        traffic?: RevisionTraffic[];
      }
    >;
    modelStatus?: { transitionStatus?: string; lastFailureInfo?: { reason?: string; message?: string } };
  };
}

export interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

/** What each kind is at the API server. */
export const RESOURCES = {
  ConfigMap: { apiVersion: 'v1', plural: 'configmaps' },
  Pod: { apiVersion: 'v1', plural: 'pods' },
  Deployment: { apiVersion: 'apps/v1', plural: 'deployments' },
  HorizontalPodAutoscaler: { apiVersion: 'autoscaling/v2', plural: 'horizontalpodautoscalers' },
  HTTPRoute: { apiVersion: 'gateway.networking.k8s.io/v1', plural: 'httproutes' },
  InferenceService: { apiVersion: 'serving.kserve.io/v1beta1', plural: 'inferenceservices' },
} as const;

export interface Kinds {
  ConfigMap: ConfigMap;
  Pod: Pod;
  Deployment: Deployment;
  HorizontalPodAutoscaler: Autoscaler;
  HTTPRoute: HttpRoute;
  InferenceService: InferenceService;
}
export type Kind = keyof typeof RESOURCES;

/** `apps` of `apps/v1`; empty for the core. */
export const groupOf = (kind: Kind): string => {
  const { apiVersion } = RESOURCES[kind];
  return apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
};
