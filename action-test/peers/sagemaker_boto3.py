"""Reads a model from SageMaker and S3 by boto3 alone, approves it, and says what it saw, as JSON."""
import hashlib
import json
import os
import sys

import boto3

question = json.load(sys.stdin)
name = question["name"]
region = {"region_name": os.environ["AWS_REGION"]}
sagemaker = boto3.client("sagemaker", **region)
s3 = boto3.client("s3", **region)

groups = [
    group["ModelPackageGroupName"]
    for page in sagemaker.get_paginator("list_model_package_groups").paginate()
    for group in page["ModelPackageGroupSummaryList"]
]
summaries = [
    summary
    for page in sagemaker.get_paginator("list_model_packages").paginate(ModelPackageGroupName=name)
    for summary in page["ModelPackageSummaryList"]
]
package = sagemaker.describe_model_package(ModelPackageName=summaries[-1]["ModelPackageArn"])
source = package["InferenceSpecification"]["Containers"][0]["ModelDataSource"]["S3DataSource"]
bucket, _, prefix = source["S3Uri"].removeprefix("s3://").partition("/")
files = {}
for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
    for entry in page["Contents"]:
        content = s3.get_object(Bucket=bucket, Key=entry["Key"], ChecksumMode="ENABLED")["Body"].read()
        files[entry["Key"].removeprefix(prefix)] = hashlib.sha256(content).hexdigest()
statistics = package["ModelMetrics"]["ModelQuality"]["Statistics"]
metrics_bucket, _, metrics_key = statistics["S3Uri"].removeprefix("s3://").partition("/")
metrics = s3.get_object(Bucket=metrics_bucket, Key=metrics_key)["Body"].read()
tags = sagemaker.list_tags(
    ResourceArn=sagemaker.describe_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
)["Tags"]
sagemaker.update_model_package(
    ModelPackageArn=package["ModelPackageArn"], ModelApprovalStatus="Approved", ApprovalDescription="looked at it"
)
print(
    json.dumps(
        {
            "groups": groups,
            "versions": [summary["ModelPackageVersion"] for summary in summaries],
            "status": package["ModelPackageStatus"],
            "approval": package["ModelApprovalStatus"],
            "stage": package["ModelLifeCycle"]["Stage"],
            "digest": package["CustomerMetadataProperties"]["mlops.digest"],
            "commit": package["MetadataProperties"]["CommitId"],
            "compression": source["CompressionType"],
            "files": files,
            "metrics": json.loads(metrics),
            "metricsDigest": hashlib.sha256(metrics).hexdigest() == statistics["ContentDigest"].removeprefix("sha256:"),
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
            "account": boto3.client("sts", **region).get_caller_identity()["Account"],
        }
    )
)
