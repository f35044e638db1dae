"""A whole rollout by boto3 and its waiters alone; prints what each step saw, as JSON. Time passes by describing."""
import json
import os

import boto3
from botocore.exceptions import ClientError, WaiterError

region = {"region_name": os.environ["AWS_REGION"]}
sagemaker = boto3.client("sagemaker", **region)
runtime = boto3.client("sagemaker-runtime", **region)
cloudwatch = boto3.client("cloudwatch", **region)
scaling = boto3.client("application-autoscaling", **region)
fast = {"Delay": 0, "MaxAttempts": 5000}
seen = {}


def model(name):
    sagemaker.create_model(
        ModelName=name,
        PrimaryContainer={"Image": f"registry.example.com/{name}:1"},
        ExecutionRoleArn="arn:aws:iam::123456789012:role/serve",
    )


def config(name, **variants):
    sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": variant,
                "ModelName": of,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
                "InitialVariantWeight": weight,
            }
            for variant, (of, weight) in variants.items()
        ],
    )


def settled():
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="churn", WaiterConfig=fast)
    return sagemaker.describe_endpoint(EndpointName="churn")


def weights(description):
    return {v["VariantName"]: [v["CurrentWeight"], v["DesiredWeight"]] for v in description["ProductionVariants"]}


for name in ("champion", "challenger", "broken", "dead"):
    model(name)
config("one", AllTraffic=("champion", 1))
config("two", AllTraffic=("champion", 100), Canary=("challenger", 0))
config("three", AllTraffic=("challenger", 1))
config("bad", AllTraffic=("broken", 1))
config("dead", AllTraffic=("dead", 1))

sagemaker.create_endpoint(EndpointName="churn", EndpointConfigName="one")
seen["created"] = settled()["EndpointConfigName"]
sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="two")
try:
    sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName="one")
except ClientError as error:
    seen["busy"] = error.response["Error"]
seen["two"] = weights(settled())
sagemaker.update_endpoint_weights_and_capacities(
    EndpointName="churn",
    DesiredWeightsAndCapacities=[
        {"VariantName": "AllTraffic", "DesiredWeight": 50},
        {"VariantName": "Canary", "DesiredWeight": 50},
    ],
)
seen["weighed"] = weights(settled())

answered = [
    runtime.invoke_endpoint(EndpointName="churn", Body=b"{}", ContentType="application/json") for _ in range(40)
]
seen["variants"] = sorted({answer["InvokedProductionVariant"] for answer in answered})
seen["body"] = json.loads(answered[0]["Body"].read()).keys() == {"model"}
named = runtime.invoke_endpoint(EndpointName="churn", Body=b"{}", TargetVariant="Canary")
seen["named"] = json.loads(named["Body"].read())

alarm = {
    "AlarmName": "churn-errors",
    "Namespace": "AWS/SageMaker",
    "MetricName": "Invocation5XXErrors",
    "Dimensions": [
        {"Name": "EndpointName", "Value": "churn"},
        {"Name": "VariantName", "Value": "AllTraffic"},
    ],
    "Statistic": "Average",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 0.1,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}
cloudwatch.put_metric_alarm(**alarm)
guardrails = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "CANARY",
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
            "WaitIntervalInSeconds": 300,
        },
        "TerminationWaitInSeconds": 0,
    },
    "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "churn-errors"}]},
}


def guarded(to):
    sagemaker.update_endpoint(EndpointName="churn", EndpointConfigName=to, DeploymentConfig=guardrails)
    stages = []
    while True:
        described = sagemaker.describe_endpoint(EndpointName="churn")
        pending = described.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
        stage = described["EndpointStatus"] + "".join(
            f" {status['Status']}" for variant in pending for status in variant["VariantStatus"]
        )
        if not stages or stages[-1] != stage:
            stages.append(stage)
        if stage == "InService":
            break
    return {"stages": stages, "config": described["EndpointConfigName"], "reason": described.get("FailureReason")}


seen["guarded"] = guarded("three")
seen["rolledBack"] = guarded("bad")
alarms = cloudwatch.describe_alarms(AlarmNames=["churn-errors"])["MetricAlarms"]
seen["alarm"] = [alarms[0]["StateValue"], alarms[0]["Threshold"], alarms[0]["StateTransitionedTimestamp"].year]
now = sagemaker.describe_endpoint(EndpointName="churn")["LastModifiedTime"].timestamp()
data = cloudwatch.get_metric_data(
    MetricDataQueries=[
        {"Id": name.lower(), "MetricStat": {"Metric": {**metric, "MetricName": name}, "Period": 3600, "Stat": stat}}
        for metric in [{"Namespace": alarm["Namespace"], "Dimensions": alarm["Dimensions"]}]
        for name, stat in (("Invocations", "Sum"), ("Invocation5XXErrors", "Maximum"), ("ModelLatency", "p50"))
    ],
    StartTime=now - 7200,
    EndTime=now + 3600,
)
seen["data"] = {
    result["Id"]: [max(result["Values"]) > 0, result["Timestamps"][0].minute, result["StatusCode"]]
    for result in data["MetricDataResults"]
}
try:
    cloudwatch.get_metric_data(MetricDataQueries=[], StartTime=now, EndTime=now)
except ClientError as error:
    seen["refused"] = error.response["Error"]["Code"]

target = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/churn/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=4)
targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
seen["scaled"] = [[t["ResourceId"], t["MinCapacity"], t["CreationTime"].year] for t in targets]
seen["configs"] = [
    entry["EndpointConfigName"]
    for page in sagemaker.get_paginator("list_endpoint_configs").paginate(NameContains="t", SortBy="Name")
    for entry in page["EndpointConfigs"]
]
sagemaker.create_endpoint(EndpointName="other", EndpointConfigName="dead")
try:
    sagemaker.get_waiter("endpoint_in_service").wait(EndpointName="other", WaiterConfig=fast)
except WaiterError as error:
    seen["failed"] = error.last_response["EndpointStatus"]
sagemaker.delete_endpoint(EndpointName="churn")
sagemaker.get_waiter("endpoint_deleted").wait(EndpointName="churn", WaiterConfig=fast)
seen["left"] = [entry["EndpointName"] for entry in sagemaker.list_endpoints()["Endpoints"]]
print(json.dumps(seen))
