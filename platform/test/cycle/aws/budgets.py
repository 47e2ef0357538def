"""Budgets with subscribers and tags, which moto's have not."""

from additions import account, answers, found, kept

# What distinguishes one notification of a budget from another.
IDENTITY = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")

# ARN → tags; they go with their budget.
tags = {}


def budget_of(params):
    name = params["BudgetName"] if "BudgetName" in params else params["NewBudget"]["BudgetName"]
    return found("Budget", name, "NotFoundException")


def is_same(one, other):
    return all(one.get(key) == other.get(key) for key in IDENTITY)


@answers("budgets", "CreateBudget")
def create(params, call):
    budget = {**params["Budget"], "CalculatedSpend": {"ActualSpend": {"Amount": "0", "Unit": "USD"}}}
    name = budget["BudgetName"]
    tags[f"arn:aws:budgets::{account}:budget/{name}"] = params.get("ResourceTags", [])
    kept("Budget")[name] = {"budget": budget, "notifications": list(params.get("NotificationsWithSubscribers", []))}
    return {}


@answers("budgets", "DescribeBudget")
def describe(params, call):
    return {"Budget": budget_of(params)["budget"]}


@answers("budgets", "UpdateBudget")
def update(params, call):
    budget_of(params)["budget"].update(params["NewBudget"])
    return {}


@answers("budgets", "DeleteBudget")
def delete(params, call):
    budget_of(params)
    del kept("Budget")[params["BudgetName"]]
    return {}


@answers("budgets", "DescribeNotificationsForBudget")
def notifications(params, call):
    return {"Notifications": [{**one["Notification"], "NotificationState": "OK"} for one in budget_of(params)["notifications"]]}


@answers("budgets", "DescribeSubscribersForNotification")
def subscribers(params, call):
    for one in budget_of(params)["notifications"]:
        if is_same(one["Notification"], params["Notification"]):
            return {"Subscribers": one.get("Subscribers", [])}
    return {"Subscribers": []}


@answers("budgets", "CreateNotification")
def create_notification(params, call):
    budget_of(params)["notifications"].append({key: params[key] for key in ("Notification", "Subscribers")})
    return {}


@answers("budgets", "DeleteNotification")
def delete_notification(params, call):
    item = budget_of(params)
    item["notifications"] = [one for one in item["notifications"] if not is_same(one["Notification"], params["Notification"])]
    return {}


@answers("budgets", "ListTagsForResource")
def list_tags(params, call):
    return {"ResourceTags": tags.get(params["ResourceARN"], [])}


@answers("budgets", "TagResource")
def tag(params, call):
    tags.setdefault(params["ResourceARN"], []).extend(params["ResourceTags"])
    return {}


@answers("budgets", "UntagResource")
def untag(params, call):
    tags[params["ResourceARN"]] = [one for one in tags.get(params["ResourceARN"], []) if one["Key"] not in params["ResourceTagKeys"]]
    return {}
