from shop.tables.product import Product

__all__ = ["Product"]
