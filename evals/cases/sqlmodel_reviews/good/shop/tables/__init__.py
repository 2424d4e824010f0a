from shop.tables.product import Product
from shop.tables.review import Review

__all__ = ["Product", "Review"]
