"""Reading categories, statuses, priorities and staff (reference.md)."""

from reynard.api import shapes
from reynard.api.operations.operation import Operation, read_list, read_one

OPERATIONS: tuple[Operation, ...] = (
    read_list("categories/", "listCategories", "Reference data", shapes.Category, "categories", "id"),
    read_one("category/{id}/", "readCategory", "Reference data", shapes.Category, "category"),
    read_list("statuses/", "listStatuses", "Reference data", shapes.Status, "statuses", "`order`, then id"),
    read_one("status/{id}/", "readStatus", "Reference data", shapes.Status, "status"),
    read_list("priorities/", "listPriorities", "Reference data", shapes.Priority, "priorities", "`order`, then id"),
    read_one("priority/{id}/", "readPriority", "Reference data", shapes.Priority, "priority"),
    read_list("staff/", "listStaff", "Reference data", shapes.Staff, "staff members", "id, inactive ones too"),
    read_one("staff/{person}/", "readStaff", "Reference data", shapes.Staff, "staff member", "person"),
)
